import GitOpsTypes
import Kustomize
import PromotionDomain

/// Of the images that a source runs, those that are built for it, and those that are of others.
struct OwnImages {
    /// By name, the environments that run it.
    private(set) var own: [ImageName: Set<EnvironmentName>] = [:]
    private(set) var others: [ImageName] = []

    /// - Parameters:
    ///   - rendered: what each environment runs.
    ///   - wanted: the images that a person named; empty for a guess.
    ///   - known: images that something in the repository says are built for it.
    init(
        of source: SurveyedSource, rendered: [EnvironmentName: Set<ImageName>], wanted: Set<ImageName>, known: Set<ImageName>
    ) {
        var found: [ImageName: Set<EnvironmentName>] = [:]
        for (environment, names) in rendered {
            for name in names { found[Self.common(name, in: environment, source, rendered), default: []].insert(environment) }
        }
        var candidates = Set(found.keys)
        // What a chart runs beside the images that its values name cannot be written.
        if case .chart = source.source { candidates.formIntersection(source.chartImages.map(\.name)) }
        let own = wanted.isEmpty ? Self.own(among: candidates, of: source, known) : candidates.intersection(wanted)
        self.own = found.filter { own.contains($0.key) }
        others = Set(found.keys).subtracting(own).sorted()
    }

    /// What an image is called in all environments: where each takes it from a registry of its own, what the kustomizations rename.
    private static func common(
        _ name: ImageName, in environment: EnvironmentName, _ source: SurveyedSource,
        _ rendered: [EnvironmentName: Set<ImageName>]
    ) -> ImageName {
        if rendered.values.allSatisfy({ $0.contains(name) }) { return name }
        let renaming = source.renamings[environment]?.first { $0.newName == name.text }
        guard let renaming, let old = ImageName(renaming.name) else { return name }
        let isEverywhere = rendered.allSatisfy { environment, names in
            names.contains(old) || source.renamings[environment]?.contains { $0.name == old.text } == true
        }
        return isEverywhere ? old : name
    }

    private static func own(
        among candidates: Set<ImageName>, of source: SurveyedSource, _ known: Set<ImageName>
    ) -> Set<ImageName> {
        guard candidates.count > 1 else { return candidates }
        let pinned = Set(source.renamings.values.joined().flatMap { [$0.name, $0.newName].compactMap(\.self) })
        let marked = candidates.intersection(known)
        if !marked.isEmpty { return marked }
        let listed = candidates.filter { pinned.contains($0.text) }
        let folders = Set(listed.map(folder))
        // What is pinned says where own images are.
        let pool = listed.isEmpty ? candidates : candidates.filter { listed.contains($0) || folders.contains(folder(of: $0)) }
        let built = pool.filter { !isOfOthers($0) }
        return built.isEmpty ? pool : built
    }

    /// The name without its last part; what is all of a name is none of a folder.
    private static func folder(of image: ImageName) -> Substring {
        image.text.lastIndex(of: "/").map { image.text[..<$0] } ?? image.text[...]
    }

    /// Registries and projects whose images are built elsewhere.
    private static let foreign = [
        "registry.k8s.io/", "k8s.gcr.io/", "gcr.io/distroless/", "gcr.io/google-containers/", "gcr.io/google_containers/",
        "quay.io/prometheus/", "quay.io/jetstack/", "quay.io/argoproj/", "ghcr.io/fluxcd/", "mcr.microsoft.com/",
        "docker.elastic.co/", "bitnami/", "bitnamilegacy/", "prom/", "grafana/", "hashicorp/", "istio/", "envoyproxy/", "amazon/",
        "public.ecr.aws/docker/library/", "otel/", "jaegertracing/", "confluentinc/", "minio/", "curlimages/",
        "oliver006/", "nginxinc/", "kong/", "traefik/", "linuxserver/", "axllent/", "mailhog/", "ghcr.io/open-telemetry/",
    ]

    /// Whether an image is a database, a proxy or such, built elsewhere: Docker's official ones, and those of known projects.
    static func isOfOthers(_ name: ImageName) -> Bool {
        let short =
            ["docker.io/", "index.docker.io/"].first(where: name.text.hasPrefix).map { name.text.dropFirst($0.count) }
            ?? name.text[...]
        let bare = short.hasPrefix("library/") ? short.dropFirst("library/".count) : short
        if official.contains(String(bare)) { return true }
        return foreign.contains { bare.hasPrefix($0) }
    }

    private static let official: Set<String> = [
        "redis", "postgres", "mysql", "mariadb", "mongo", "nginx", "httpd", "busybox", "alpine", "rabbitmq", "memcached",
        "elasticsearch", "kibana", "logstash", "haproxy", "traefik", "caddy", "consul", "vault", "influxdb", "cassandra",
        "zookeeper", "nats", "debian", "ubuntu", "python", "node", "golang", "openjdk", "eclipse-temurin", "registry", "docker",
        "bash", "curl", "couchdb", "neo4j", "kong", "envoy", "valkey", "adminer", "mongo-express", "phpmyadmin", "telegraf",
    ]
}
