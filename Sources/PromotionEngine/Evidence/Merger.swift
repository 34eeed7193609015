import GitOpsTypes
import PromotionDomain

/// Who brought a commit onto its branch, and how that is known.
enum Merger: Sendable {
    /// The actor of this command.
    case actor(Actor)
    /// The committer, by the commit's signature.
    case committer(Actor)
    /// By the forge's word.
    case onForge(ForgeWord)
    /// No principal of the policy.
    case unknown(String)

    var actor: Actor {
        switch self {
        case .actor(let actor), .committer(let actor): actor
        case .onForge(let word): Actor(word.principal, .forge(login: word.login))
        case .unknown: .onlooker
        }
    }

    /// Whether it is known by more than the commit itself.
    var isKnownApart: Bool {
        switch self {
        case .actor, .onForge: true
        case .committer, .unknown: false
        }
    }

    /// As the event names them.
    var committer: Principal? {
        if case .committer(let actor) = self { actor.principal } else { nil }
    }

    var word: ForgeWord? {
        if case .onForge(let word) = self { word } else { nil }
    }

    /// With what.
    var means: String {
        switch self {
        case .actor: "here"
        case .committer, .unknown: "with another program"
        case .onForge(let word): "on \(word.forge.name)"
        }
    }
}
