"""The Kubernetes manifests match the schemas, and each other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from combinations import Answers
from conftest import Render

POD_SECURITY = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
MANIFESTS = "deploy/kubernetes"


@pytest.fixture
def folder(clustered: Answers, render: Render) -> Path:
    return render(clustered) / MANIFESTS


@pytest.fixture
def manifests(folder: Path) -> dict[str, Any]:
    """Return all manifests except kustomization.yaml, which is not a Kubernetes resource."""
    paths = set(folder.iterdir()) - {folder / "kustomization.yaml"}
    return {path.name: yaml.safe_load(path.read_text("utf-8")) for path in paths}


def test_manifests_match_the_schemas(manifests: dict[str, Any]) -> None:
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, "1.37", strict=True)


@pytest.mark.parametrize(("old", "new"), [("minReadySeconds: 5", "minReadySeconds: five"), ("httpGet:", "httpget:")])
def test_an_invalid_manifest_is_refused(folder: Path, old: str, new: str) -> None:
    text = (folder / "deployment.yaml").read_text("utf-8")

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(yaml.safe_load(text.replace(old, new)), "1.37", strict=True)


def test_kustomization_lists_all_manifests(folder: Path, manifests: dict[str, Any]) -> None:
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))

    assert set(listed["resources"]) == set(manifests)
    assert listed["namespace"] == manifests["namespace.yaml"]["metadata"]["name"]
    assert {image["name"] for image in listed["images"]} == {pod["image"] for _, pod in containers(manifests)}


def test_pods_are_hardened_like_the_image(folder: Path, manifests: dict[str, Any]) -> None:
    user, group = re.findall(
        r"^USER (\d+):(\d+)$", (folder.parents[1] / "Dockerfile").read_text("utf-8"), re.MULTILINE
    )[0]

    for pod, container in containers(manifests):
        assert pod["securityContext"] == {**POD_SECURITY, "runAsUser": int(user), "runAsGroup": int(group)}
        assert container["securityContext"] == CONTAINER_SECURITY
        assert pod["automountServiceAccountToken"] is False


def test_secrets_are_referenced_and_not_included(manifests: dict[str, Any]) -> None:
    for _, container in containers(manifests):
        assert [list(source) for source in container["envFrom"]] == [["configMapRef"], ["secretRef"]]
        assert "env" not in container
    assert "Secret" not in {manifest["kind"] for manifest in manifests.values()}


def test_each_probe_uses_the_right_health_endpoint(manifests: dict[str, Any]) -> None:
    container = manifests["deployment.yaml"]["spec"]["template"]["spec"]["containers"][0]
    asked = {name: probe["httpGet"]["path"] for name, probe in container.items() if name.endswith("Probe")}

    assert asked == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }


def test_a_rolling_update_waits_for_running_requests(folder: Path, manifests: dict[str, Any]) -> None:
    spec = manifests["deployment.yaml"]["spec"]
    pod = spec["template"]["spec"]
    code = (folder.parents[1] / "run.py").read_text("utf-8")
    shutdown = int(re.findall(r"^SHUTDOWN_SECONDS = (\d+)$", code, re.MULTILINE)[0])
    waiting = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert waiting > pod["containers"][0]["readinessProbe"]["periodSeconds"]
    assert waiting + shutdown + 2 < pod["terminationGracePeriodSeconds"]
    assert manifests["autoscaler.yaml"]["spec"]["minReplicas"] == 2


def test_all_manifests_select_the_same_pods(manifests: dict[str, Any]) -> None:
    labels = manifests["deployment.yaml"]["spec"]["template"]["metadata"]["labels"]

    assert manifests["deployment.yaml"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["service.yaml"]["spec"]["selector"] == labels
    assert manifests["disruption-budget.yaml"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["autoscaler.yaml"]["spec"]["scaleTargetRef"]["name"] == "api"


def containers(manifests: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the pod and the container of every container."""
    for manifest in manifests.values():
        if template := manifest["spec"].get("template") if "spec" in manifest else None:
            for container in template["spec"]["containers"]:
                yield template["spec"], container
