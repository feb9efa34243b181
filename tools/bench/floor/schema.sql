-- Only the columns and indexes that the requests of the benchmark need.

create extension pg_trgm;

create table users (
    id bigserial primary key,
    public_id uuid unique not null default gen_random_uuid(),
    email text unique not null,
    password_hash text not null,
    first_name text not null,
    last_name text not null,
    is_active boolean not null default true,
    auth_epoch integer not null default 0,
    last_login_at timestamptz,
    created_at timestamptz not null default now()
);

create table sessions (
    id bigserial primary key,
    public_id uuid unique not null default gen_random_uuid(),
    user_id bigint not null references users (id),
    auth_epoch integer not null default 0,
    generation bigint not null default 0,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    absolute_expires_at timestamptz not null default now() + interval '30 days',
    revoked_at timestamptz
);

create table items (
    id bigserial primary key,
    public_id uuid unique not null default gen_random_uuid(),
    owner_id bigint not null references users (id),
    name text not null,
    description text,
    status text not null,
    search_text text not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create index on items (owner_id, id);
create index on items (status, id);
create index on items using gin (search_text gin_trgm_ops);
