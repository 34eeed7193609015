import GitOpsTypes
import SSHSignatures
import Testing

@testable import PromotionDomain

/// Releases that pin charts besides images.
@Suite struct ChartReleaseTests {
    private static let image = "registry.example/web"
    private static let chart = "registry.example/charts/web"

    private let application: Application
    private let policy: Policy

    init() throws {
        let (image, chart) = (try #require(ImageName(Self.image)), try #require(ImageName(Self.chart)))
        application = Application(
            name: try #require(ApplicationName("web")), images: [image, chart],
            source: .overlay(try #require(PathTemplate("overlays/{environment}")), as: .standard), builders: .anyone,
            charts: [chart])
        policy = Policy(applications: [application], environments: [], allowedSigners: AllowedSigners())
    }

    private func artifact(
        _ name: String, _ digit: Character, _ tag: String? = nil, _ kind: ArtifactKind = .image
    ) throws -> ReleaseImage {
        ReleaseImage(
            name: try #require(ImageName(name)),
            digest: try #require(ImageDigest("sha256:" + String(repeating: digit, count: 64))),
            tag: tag.flatMap { ImageTag($0) }, kind: kind)
    }

    /// Registers, and applies what is admitted; the refusal otherwise.
    private func register(
        _ images: [ReleaseImage], _ state: inout ApplicationState, from commit: SourceCommit? = nil
    ) throws -> Refusal? {
        let actor = try #require(Principal("ci"))
        let event = Event(
            id: "x", time: Timestamp(seconds: Int64(state.releases.count)), actor: actor,
            policyCommit: try #require(CommitID(String(repeating: "a", count: 40))),
            payload: .releaseRegistered(
                .init(
                    release: ReleaseID(application.name, images: images), images: images,
                    build: BuildOrigin(commit: commit, source: nil, run: nil))))
        do {
            try EventAdmission(state: state, policy: policy, freezes: []).admit(event, by: Actor(actor, .unsigned))
        } catch {
            return error
        }
        state.apply(event, key: nil)
        return nil
    }

    @Test(arguments: [
        ("1.4.0", "1.4.0"), ("1.4.0_build.7", "1.4.0+build.7"), ("v1.4.0-rc.1", "v1.4.0-rc.1"), ("1.4", nil), ("1", nil),
        ("latest", nil), ("1.4.0_a_b", nil), ("01.4.0", nil), ("1.4.x", nil),
    ])
    func `A tag stands for the version of a chart, or for none`(_ tag: String, _ version: String?) throws {
        let tag = try #require(ImageTag(tag))
        #expect(ChartVersion(tag: tag)?.text == version)
        if version != nil { #expect(ChartVersion(tag: tag)?.tag == tag) }
    }

    @Test(arguments: [">=1.4.0", "^1.4.0", "1.4.0 ", "=1.4.0", "1.4.0 || 2.0.0", "*", "", "1.4.0\n", "１.4.0"])
    func `A range is no version`(_ text: String) {
        #expect(ChartVersion(text) == nil)
    }

    @Test func `A release has all images and all charts, each as what the policy has it as`() throws {
        var state = ApplicationState(application: application.name)
        let (web, chart) = (try artifact(Self.image, "1"), try artifact(Self.chart, "2", "1.0.0", .chart))
        #expect(try register([web], &state)?.rule == .builtOnce)
        #expect(
            try register([web, artifact(Self.chart, "2", "1.0.0")], &state)?.message.contains("the policy has it as a chart")
                == true)
        #expect(try register([artifact(Self.image, "1", nil, .chart), chart], &state)?.rule == .builtOnce)
        #expect(try register([web, chart], &state) == nil)
        #expect(state.releases.map(\.images) == [[web, chart]])
    }

    @Test func `A version of a chart means one digest for ever, and a tag of an image does not`() throws {
        var state = ApplicationState(application: application.name)
        #expect(try register([artifact(Self.image, "1", "1"), artifact(Self.chart, "2", "1.0.0", .chart)], &state) == nil)
        let again = try register([artifact(Self.image, "3", "1"), artifact(Self.chart, "4", "1.0.0", .chart)], &state)
        #expect(again?.rule == .builtOnce)
        #expect(again?.message.contains("registry.example/charts/web 1.0.0 is registered already, as sha256:2222") == true)
        #expect(try register([artifact(Self.image, "3", "1"), artifact(Self.chart, "2", "1.0.0", .chart)], &state) == nil)
        #expect(try register([artifact(Self.image, "5", "1"), artifact(Self.chart, "4", "1.0.1", .chart)], &state) == nil)
        #expect(state.releases.count == 3)
    }

    @Test func `A chart changes beside an image of one commit, which is built once`() throws {
        var state = ApplicationState(application: application.name)
        let commit = try #require(SourceCommit("0123456789abcdef"))
        let web = try artifact(Self.image, "1", "1")
        #expect(try register([web, artifact(Self.chart, "2", "1.0.0", .chart)], &state, from: commit) == nil)
        #expect(try register([web, artifact(Self.chart, "4", "1.0.1", .chart)], &state, from: commit) == nil)
        let rebuilt = try register(
            [artifact(Self.image, "3", "1"), artifact(Self.chart, "4", "1.0.1", .chart)], &state, from: commit)
        #expect(rebuilt?.message.contains("registry.example/web was already built from commit 0123456789abcdef") == true)
    }

    @Test func `Versions are known however many there are, and whatever was registered again`() throws {
        var state = ApplicationState(application: application.name)
        var versions: [String: Character] = [:]
        for step in 0..<40 {
            let (version, digit) = ("1.0.\(step % 7)", Array("0123456789abcdef")[step * 5 % 16])
            // The same digests are the same release, in whatever version they were registered first.
            let isNew = versions[version] == nil && !versions.values.contains(digit)
            let refusal = try register(
                [artifact(Self.image, digit), artifact(Self.chart, digit, version, .chart)], &state)
            #expect((refusal == nil) == isNew, "\(step)")
            if isNew { versions[version] = digit }
        }
        #expect(versions.count == 7)
    }

    @Test(arguments: [
        ("web", "registry.example/web:1"), ("registry.example/web:digest", "sha256:1"),
        ("registry.example/charts/web:version", "1.0.0+b"), ("registry.example/charts/web:tag", "1.0.0_b"),
        ("registry.example/charts/web:digest", "sha256:2"),
        ("registry.example/charts/web", "registry.example/charts/web:1.0.0_b@"),
        ("charts/web", nil), ("web:version", nil), ("registry.example/web:version", nil),
    ])
    func `A marker's last part is an image, and a chart where no image has it`(_ text: String, _ value: String?) throws {
        let release = [
            try artifact(Self.image, "1", "1"), try artifact(Self.chart, "2", "1.0.0_b", .chart),
        ]
        let field = ImageField(text, of: application)
        let written = field?.text(in: Dictionary(uniqueKeysWithValues: release.map { ($0.name, $0) }))
        #expect(value == nil ? field == nil : written?.hasPrefix(value ?? "") == true, "\(written ?? "nil")")
    }

    @Test func `A chart whose name no image has goes by its last part`() throws {
        let chart = try #require(ImageName("registry.example/charts/frontend"))
        let image = try #require(ImageName(Self.image))
        #expect(ImageField("frontend:version", of: application.name, images: [image, chart], charts: [chart])?.image == chart)
        #expect(ImageField("web:digest", of: application.name, images: [image, chart], charts: [chart])?.image == image)
    }

    // MARK: What a place holds

    @Test func `A place that holds a version is judged by that, and the check says what it is worth`() throws {
        let (web, chart) = (try artifact(Self.image, "1"), try artifact(Self.chart, "2", "1.0.0", .chart))
        func place(_ name: String, _ hold: ImageOccurrence.Hold) throws -> ImageOccurrence {
            ImageOccurrence(
                object: "HelmRelease web", container: "f", image: try #require(ImageName(name)), hold: hold, text: "t")
        }
        let version = try #require(ChartVersion("1.0.0"))
        #expect(try place(Self.chart, .version(version)).isExactly(chart))
        #expect(try !place(Self.chart, .version(try #require(ChartVersion("1.0.1")))).isExactly(chart))
        #expect(try place(Self.chart, .digest(chart.digest.text)).isExactly(chart))
        #expect(try !place(Self.chart, .nothing).isExactly(chart))
        // An image of that tag is not held by it.
        #expect(try !place(Self.image, .version(version)).isExactly(artifact(Self.image, "1", "1.0.0")))
        #expect(try !place(Self.image, .nothing).isExactly(web))
    }

    @Test(
        arguments: [("1.0.0", "1.0.0", true), ("1.0.0", "1.0.1", false), (nil, "1.0.0", true), ("1.0.0", nil, false)]
            as [(String?, String?, Bool)])
    func `A baseline has the chart in the version that is found, and is the only one that has it`(
        _ version: String?, _ found: String?, _ expected: Bool
    ) throws {
        let dev = try #require(EnvironmentName("dev"))
        let environment = Environment(
            name: dev, source: .build, branch: nil, soak: 0,
            approvals: ApprovalPolicy(required: 0, from: .anyone, fourEyes: []), promoters: .anyone, mergers: .anyone,
            operators: .anyone, verifiers: .anyone)
        let policy = Policy(applications: [application], environments: [environment], allowedSigners: AllowedSigners())
        let (web, chart) = (try artifact(Self.image, "1"), try artifact(Self.chart, "2", version, .chart))
        let commit = try #require(CommitID(String(repeating: "a", count: 40)))
        let named =
            try found.map { FoundImage(chart: chart.name, version: try #require(ChartVersion($0))) }
            ?? FoundImage(name: chart.name, digest: try artifact(Self.chart, "3").digest)
        func isAdmitted(_ images: [ReleaseImage], _ state: ApplicationState) throws -> Bool {
            let event = Event(
                id: "x", time: Timestamp(seconds: 0), actor: try #require(Principal("ops")), policyCommit: commit,
                payload: .baselineRecorded(
                    .init(
                        environment: dev, release: ReleaseID(application.name, images: images), images: images,
                        found: FoundContent(commit: commit, images: [FoundImage(name: web.name, digest: web.digest), named]))))
            do {
                try EventAdmission(state: state, policy: policy, freezes: []).admit(event, by: Actor(event.actor, .unsigned))
                return true
            } catch {
                return false
            }
        }
        var state = ApplicationState(application: application.name)
        #expect(try isAdmitted([web, chart], state) == expected)
        #expect(try !isAdmitted([web, artifact(Self.chart, "2", version)], state))
        // Its version is another digest already.
        #expect(try register([artifact(Self.image, "7"), artifact(Self.chart, "8", "1.0.0", .chart)], &state) == nil)
        #expect(try isAdmitted([web, chart], state) == (expected && version == nil))
    }

    @Test func `What an environment has by version is content of the release that has it in that`() throws {
        let (web, chart) = (try artifact(Self.image, "1"), try artifact(Self.chart, "2", "1.0.0", .chart))
        let release = Release(
            id: ReleaseID(application.name, images: [web, chart]), images: [web, chart],
            build: BuildOrigin(commit: nil, source: nil, run: nil), registered: Timestamp(seconds: 0),
            registeredBy: try #require(Principal("ci")))
        let commit = try #require(CommitID(String(repeating: "a", count: 40)))
        func isContent(_ version: String) throws -> Bool {
            FoundContent(
                commit: commit,
                images: [
                    FoundImage(name: web.name, digest: web.digest),
                    FoundImage(chart: chart.name, version: try #require(ChartVersion(version))),
                ]
            ).isContent(of: release)
        }
        #expect(try isContent("1.0.0"))
        #expect(try !isContent("1.0.1"))
    }
}
