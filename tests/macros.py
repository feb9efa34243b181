"""The environment that Copier renders macros in."""

from combinations import CONFIG, ROOT
from copier import _jinja_ext as copier_jinja
from jinja2 import Environment, StrictUndefined


def environment() -> Environment:
    return copier_jinja.SandboxedEnvironment(
        loader=copier_jinja.CopierTemplateLoader(ROOT),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        **{**CONFIG["_envops"], "undefined": StrictUndefined},
    )
