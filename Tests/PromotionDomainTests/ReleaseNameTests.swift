import GitOpsTypes
import Testing

@testable import PromotionDomain

/// What people type for a release, and which one is meant.
@Suite struct ReleaseNameTests {
    private let state: ApplicationState
    private let releases: [Release]

    /// Three builds: two with tags of their own, and one with the tag of the first.
    init() throws {
        let application = try #require(ApplicationName("web"))
        let image = try #require(ImageName("registry.example/web"))
        let ci = try #require(Principal("ci"))
        releases = try [("1", "1.4.2"), ("2", "1.5.0"), ("3", "1.4.2")].enumerated().map { number, build in
            let digest = "sha256:" + String(repeating: build.0, count: 64)
            let images = [
                ReleaseImage(name: image, digest: try #require(ImageDigest(digest)), tag: ImageTag(build.1))
            ]
            return Release(
                id: ReleaseID(application, images: images), images: images,
                build: BuildOrigin(commit: nil, source: nil, run: nil), registered: Timestamp(seconds: Int64(number)),
                registeredBy: ci)
        }
        state = ApplicationState(application: application, releases: releases)
    }

    private func meant(_ text: String) -> [ReleaseID] { state.releases(named: text).map(\.id) }

    @Test func `An id, or its first digits, means its release, with the application or without`() {
        for release in releases {
            let digits = String(release.id.text.dropFirst("web-".count))
            for length in 4...12 {
                #expect(meant("web-\(digits.prefix(length))") == [release.id])
                #expect(meant(String(digits.prefix(length))) == [release.id])
            }
            #expect(meant(String(digits.prefix(3))).isEmpty)
            #expect(meant("api-\(digits)").isEmpty)
            #expect(meant(digits.uppercased()).isEmpty || digits.allSatisfy(\.isNumber))
        }
    }

    @Test func `A tag means every release that has it, the newest first`() {
        #expect(meant("1.5.0") == [releases[1].id])
        #expect(meant("1.4.2") == [releases[2].id, releases[0].id])
        #expect(meant("1.4").isEmpty)
        #expect(meant("").isEmpty)
    }

    @Test func `An id is taken before a tag that looks like one`() throws {
        let impostor = ReleaseImage(
            name: releases[0].images[0].name, digest: releases[0].images[0].digest,
            tag: ImageTag(releases[1].id.text))
        let release = Release(
            id: releases[0].id, images: [impostor], build: releases[0].build, registered: releases[0].registered,
            registeredBy: releases[0].registeredBy)
        let state = ApplicationState(application: self.state.application, releases: [release, releases[1]])
        #expect(state.releases(named: releases[1].id.text).map(\.id) == [releases[1].id])
    }

    @Test func `A version is the tag that all images share, or what the registry says`() throws {
        #expect(releases[0].version == "1.4.2")
        let image = releases[0].images[0]
        func version(_ images: [ReleaseImage], labels: [String?] = []) -> String? {
            Release(
                id: releases[0].id, images: images, build: releases[0].build, registered: releases[0].registered,
                registeredBy: releases[0].registeredBy,
                records: labels.map {
                    ImageRecord(
                        name: image.name, platforms: [], revision: nil, source: nil, version: $0, created: nil, provenance: nil)
                }
            ).version
        }
        let other = ReleaseImage(name: try #require(ImageName("r.example/b")), digest: image.digest, tag: ImageTag("2.0"))
        let bare = ReleaseImage(name: image.name, digest: image.digest, tag: nil)
        #expect(version([image, other]) == nil)
        #expect(version([image, other], labels: ["3.1", "3.1"]) == "3.1")
        #expect(version([bare], labels: ["3.1"]) == "3.1")
        #expect(version([bare], labels: ["3.1", nil]) == nil)
        let chart = ReleaseImage(name: image.name, digest: image.digest, tag: ImageTag("1.0.0_build.1"), kind: .chart)
        #expect(version([chart]) == "1.0.0+build.1")
        #expect(version([image, chart]) == "1.4.2")
    }
}
