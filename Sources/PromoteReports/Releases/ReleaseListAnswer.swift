import GitOpsTypes
import PromotionDomain
public import PromotionEngine

/// Builds, newest first.
struct ReleaseListAnswer: Encodable, Sendable {
    let releases: [Entry]

    enum CodingKeys: String, CodingKey {
        case releases
    }

    struct Entry: Encodable, Sendable {
        @Text var release: ReleaseID
        @Text var application: ApplicationName
        @TextOrNull var version: String?
        @TextOrNull var commit: SourceCommit?
        @Text var registeredAt: Timestamp
        let environments: [Place]
        let yanked: Bool

        enum CodingKeys: String, CodingKey {
            case release
            case application
            case version
            case commit
            case registeredAt
            case environments
            case yanked
        }

        init(_ listed: ListedRelease) {
            release = listed.release.id
            application = listed.application
            version = listed.release.version
            commit = listed.release.build.commit
            registeredAt = listed.release.registered
            environments = listed.places.map {
                Place(name: $0.environment, since: $0.deployment.since, until: $0.deployment.until)
            }
            yanked = listed.yank != nil
        }
    }

    /// Where it is, or was until then.
    struct Place: Encodable, Sendable {
        @Text var name: EnvironmentName
        @Text var since: Timestamp
        @TextOrNull var until: Timestamp?

        enum CodingKeys: String, CodingKey {
            case name
            case since
            case until
        }
    }
}

extension Answer {
    /// `promote releases`
    public init(_ releases: [ListedRelease], _ style: TextStyle) {
        self.init(
            json: ReleaseListAnswer(releases: releases.map(ReleaseListAnswer.Entry.init)),
            text: Self.text(of: releases, style))
    }

    private static func text(of releases: [ListedRelease], _ style: TextStyle) -> String {
        guard let newest = releases.first else {
            return "no build is registered yet\n\nnext: promote register <image>@sha256:…, as CI does after it pushed the image\n"
        }
        var table = TextTable(header: ["RELEASE", "VERSION", "COMMIT", "REGISTERED", "ENVIRONMENTS"])
        for listed in releases {
            let present = listed.places.filter { $0.deployment.until == nil }.map(\.environment.text)
            let past = listed.places.filter { $0.deployment.until != nil }.map(\.environment.text)
            let places =
                [listed.yank.map { "YANKED: \($0.reason.displayable)" }, present.isEmpty ? nil : present.joined(separator: " ")]
                + [past.isEmpty ? nil : "(was in \(past.joined(separator: " ")))"]
            table.add([
                listed.release.id.text, listed.release.version?.displayable ?? "–",
                listed.release.build.commit.map { String($0.text.prefix(10)) } ?? "–", style.told(listed.release.registered),
                places.compactMap(\.self).joined(separator: " "),
            ])
        }
        return (table.lines() + ["", "next: promote show \(newest.release.id)"]).joined(separator: "\n") + "\n"
    }
}
