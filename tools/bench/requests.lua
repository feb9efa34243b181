-- The script of wrk: `wrk -s requests.lua URL -- KIND FILE`, with one thread.
--
-- Each line of FILE is a request: method, path, token, body, entity tag and client address, separated by tabs. They are sent
-- in turn. `repeated` requests are sent again. `patch` and `refresh` are used once: the response gives the next one.

local kind
local waiting, first, last = {}, 1, 0
statuses = {}

local function push(value)
  last = last + 1
  waiting[last] = value
end

local function build(method, path, token, body, etag, address)
  local headers = {["Content-Type"] = "application/json"}
  if token ~= "" then headers["Authorization"] = "Bearer " .. token end
  if etag ~= "" then headers["If-Match"] = etag end
  if address ~= "" then headers["X-Forwarded-For"] = address end
  return wrk.format(method, path, headers, body ~= "" and body or nil)
end

local next_request = {
  patch = function(_, headers, body)
    local path = "/api/v1/items/" .. body:match('"id":%s*"([^"]+)"')
    local name = '{"name":"Item renamed at ' .. last .. '"}'
    push(build("PATCH", path, tokens[path], name, headers["etag"] or headers["ETag"], ""))
  end,
  refresh = function(_, _, body)
    local token = body:match('"refresh_token":%s*"([^"]+)"')
    push(build("POST", "/api/v1/auth/refresh", "", '{"refresh_token":"' .. token .. '"}', "", ""))
  end,
}

local all = {}

function setup(thread)
  table.insert(all, thread)
end

function init(args)
  kind = args[1]
  tokens = {}
  for line in io.lines(args[2]) do
    local method, path, token, body, etag, address = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.-)\t(.-)$")
    tokens[path] = token
    push(build(method, path, token, body, etag, address))
  end
end

function request()
  local value = waiting[first] or error("no request is left")
  waiting[first] = nil
  first = first + 1
  if kind == "repeated" then push(value) end
  return value
end

function response(status, headers, body)
  local name = tostring(status)
  if status == 503 and not (headers["retry-after"] or headers["Retry-After"]) then name = "503 without Retry-After" end
  statuses[name] = (statuses[name] or 0) + 1
  if next_request[kind] and status == 200 then next_request[kind](status, headers, body) end
end

-- The last line of the output is JSON.
function done(summary, latency, requests)
  local counts = {}
  for status, count in pairs(all[1]:get("statuses")) do
    table.insert(counts, string.format('"%s": %d', status, count))
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "failed": %d, "statuses": {%s}}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, table.concat(counts, ", ")))
end
