import GitOpsTypes
import ImageSelection
import PromotionDomain

extension SchemaNode {
    static let application: SchemaNode = .object("What is deployed as a unit.", applicationFields)

    static let applicationSet: SchemaNode = .object(
        "One application for each folder that matches {application}.",
        applicationFields + [("exclude", .texts("Folders that are none.", of: "A name, with * for any characters."))])

    private static let applicationFields: [(key: String, value: SchemaNode)] =
        [
            ("images", .list("What a release pins by digest.", of: image)),
            ("charts", .list("Helm charts that a release pins, too.", of: chart)),
            ("files", .list("Files with marked values, such as .tfvars.", of: file)),
            ("builders", .people("Who may register builds; without it, everyone who can push.")),
            ("environments", .texts("Those that it has; without it, all.", of: "An environment.", atLeast: 1)),
        ] + sources

    private static let sources: [(key: String, value: SchemaNode)] = [
        ("overlay", .string("A Kustomize overlay of each environment: overlays/{environment}.")),
        ("kustomize", .choice("The release of Kustomize that the agent has.", KustomizeVersion.allCases.map(\.rawValue))),
        ("manifests", .string("A file or folder of plain manifests of each environment.")), ("helm", helm),
        (
            "flux",
            .object(
                "A Kustomization of Flux.",
                [
                    ("kustomization", .string("Its file: clusters/{environment}/web.yaml.")),
                    ("variables", .texts("Files with the ConfigMaps that it substitutes from.", of: "A path.")),
                ], required: ["kustomization"])
        ),
        (
            "argocd",
            .object(
                "An Application of Argo CD.", [("application", .string("Its file: apps/{environment}.yaml."))],
                required: ["application"])
        ),
        (
            "renderer",
            .object(
                "A program that prints the manifests.",
                [
                    (
                        "command",
                        .texts(
                            "The program and its arguments, no shell.",
                            of: "A word; {environment} and {application} are replaced.", atLeast: 1)
                    ),
                    ("files", .texts("What it gets of the repository.", of: "A path from the root.", atLeast: 1)),
                ], required: ["command", "files"])
        ),
        ("loadRestrictions", .choice("From where kustomizations may read files.", LoadRestrictions.allCases.map(\.rawValue))),
        (
            "bases",
            .object(
                "Remote bases of kustomizations.",
                [("remote", .choice("pinned: Git repositories at a full commit.", RemoteBases.allCases.map(\.rawValue)))])
        ),
    ]

    private static let helm: SchemaNode = .object(
        "A chart in the repository.",
        [
            ("chart", .string("Its folder.")),
            ("values", .texts("Values files, later ones win.", of: "A path, with {environment}.")),
            ("releaseName", .string("Helm's release; by default the application's name.")),
            ("namespace", .string("Its namespace.")),
            (
                "kubeVersion",
                .string("The release of Kubernetes that it is rendered for.", pattern: "^v?1\\.[0-9]{1,3}(\\.[0-9]{1,3})?$")
            ),
            ("apiVersions", .texts("APIs that the cluster has besides.", of: "Such as monitoring.coreos.com/v1.")),
            ("includeCRDs", .bool("Whether the chart's CRDs are rendered, too.")),
            ("engine", .choice("Who renders it: the helm in PATH.", ["program"])),
            (
                "images",
                .list(
                    "Where the values name images.",
                    of: .object(
                        "An image's values, each by a JSON pointer.",
                        [
                            ("name", .string("The image, as the application has it.")), ("registry", .string("Its registry.")),
                            ("repository", .string("Its repository.")),
                            ("tag", .string("Its tag; without digest, the digest follows it there.")),
                            ("digest", .string("Its digest.")), ("reference", .string("The whole reference.")),
                        ], required: ["name"]))
            ),
        ], required: ["chart"])

    private static let image: SchemaNode = .object(
        "An image.",
        [
            ("name", .string("Without tag or digest: registry.example/web.")), ("select", select), ("verify", verify),
            ("policies", .texts("ImagePolicies of Flux whose markers mean it.", of: "<name>, or <namespace>:<name>.")),
        ], required: ["name"])

    private static let chart: SchemaNode = .object(
        "A chart of an OCI registry.",
        [("name", .string("Without oci:// and version: registry.example/charts/web.")), ("select", select), ("verify", verify)],
        required: ["name"])

    private static let select: SchemaNode = .object(
        "Which tags are new builds, for discover: one of these, and perhaps a filter.",
        [
            ("semver", .string("The highest version in a range: >=1.0 <2.")),
            ("numerical", .choice("By number.", ImageSelection.Direction.allCases.map(\.rawValue))),
            ("alphabetical", .choice("By letters.", ImageSelection.Direction.allCases.map(\.rawValue))),
            ("newest", .bool("By when it was made.")), ("tag", .string("One tag, whatever it names.")),
            (
                "filter",
                .object(
                    "Which tags are looked at.",
                    [("pattern", .string("A regular expression.")), ("extract", .string("What of it is compared: $ts."))],
                    required: ["pattern"])
            ),
        ])

    private static let verify: SchemaNode = .object(
        "What is proven of where it is from.",
        [
            (
                "keys",
                .list(
                    "Keys that may have signed, files of the configuration.",
                    of: .anyOf(
                        "A key.",
                        [
                            .string("Its file."),
                            .object(
                                "Its file, and until when it counts.",
                                [("path", .string("Its file.")), ("expires", .string("A time: \"2027-01-31T00:00:00Z\"."))],
                                required: ["path"]),
                        ]))
            ),
            (
                "keyless",
                .object(
                    "Identities of certificates.",
                    [
                        ("trustRoot", .string("The file of the trusted root.")),
                        (
                            "identities",
                            .list(
                                "Who may have signed.",
                                of: .object(
                                    "An identity.",
                                    [("issuer", .string("Of the OIDC token.")), ("subject", .string("Of the certificate."))],
                                    required: ["issuer", "subject"]), atLeast: 1)
                        ),
                    ], required: ["trustRoot", "identities"])
            ),
            ("predicates", .texts("Types of attestations that have to be there.", of: "A predicate type.")),
            ("builders", .texts("Who may have built it.", of: "A builder's id, with * for any characters.")),
            ("sources", .texts("Repositories that it may be built from.", of: "An address, with * for any characters.")),
        ])

    private static let file: SchemaNode = .anyOf(
        "A file of each environment.",
        [
            .string("Its path, with {environment}."),
            .object(
                "Its path, and which of its values are of which image.",
                [
                    ("path", .string("With {environment}.")),
                    (
                        "values",
                        .map(
                            "JSON pointers into it.",
                            of: .string("<image>, or <image>:name, :tag or :digest; of a chart :version."))
                    ),
                ], required: ["path"]),
        ])
}
