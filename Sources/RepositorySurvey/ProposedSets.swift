import GitOpsTypes
public import PromotionDomain

/// Applications that are alike but for their name, written as one document.
public struct ProposedSet: Hashable, Sendable {
    public let name: String
    public let model: Application
    public let excluded: [String]
    /// How many are in it.
    let count: Int
}

/// Puts applications of one pattern together: those of the pattern that has most, as a policy has one set.
struct ProposedSets {
    private(set) var sets: [ProposedSet] = []
    /// Those that are in none.
    private(set) var others: [ApplicationDraft]

    private let all: Set<EnvironmentName>

    /// Fewer are easier read one by one.
    private static let minimum = 3

    /// What the members of a set have in common.
    private struct Pattern: Hashable {
        let source: ApplicationSource
        let image: String
        let environments: [EnvironmentName]
    }

    /// - Parameters:
    ///   - index: the tree, for what is where applications of a set would be.
    ///   - all: the environments of the policy.
    ///   - hasSet: whether the policy has one already.
    init(_ drafts: [ApplicationDraft], in index: TreeIndex, _ all: Set<EnvironmentName>, hasSet: Bool) {
        self.all = all
        others = drafts.sorted { $0.name < $1.name }
        guard !hasSet, let (pattern, members) = Self.largest(among: others),
            let set = set(of: pattern, members, index)
        else { return }
        sets = [set]
        let names = Set(members.map(\.name))
        others.removeAll { names.contains($0.name) }
    }

    /// The pattern of which most applications are, the first of them by name where several have as many; nil where none has enough.
    private static func largest(among drafts: [ApplicationDraft]) -> (pattern: Pattern, members: [ApplicationDraft])? {
        var members: [Pattern: [ApplicationDraft]] = [:]
        for draft in drafts { if let pattern = pattern(of: draft) { members[pattern, default: []].append(draft) } }
        let most = members.max { one, other in
            (one.value.count, other.value[0].name) < (other.value.count, one.value[0].name)
        }
        return most.flatMap { $0.value.count >= minimum ? (pattern: $0.key, members: $0.value) : nil }
    }

    private static func pattern(of draft: ApplicationDraft) -> Pattern? {
        guard draft.policies.isEmpty, draft.selection == nil, let source = draft.source.source.generalized(draft.name),
            let image = draft.image.generalized(draft.name)
        else { return nil }
        return Pattern(source: source, image: image, environments: draft.environments)
    }

    /// Nil where its images would have no names.
    private func set(of pattern: Pattern, _ members: [ApplicationDraft], _ index: TreeIndex) -> ProposedSet? {
        guard let image = ImageName(pattern.image.replacing("{application}", with: ApplicationSet.placeholder.text)) else {
            return nil
        }
        let own = Set(pattern.environments)
        let model = Application(
            name: ApplicationSet.placeholder, images: [image], source: pattern.source, builders: .anyone,
            environments: own == all ? nil : own)
        return ProposedSet(
            name: "applications", model: model, excluded: Self.strangers(to: model, pattern.environments, others, index),
            count: members.count)
    }

    /// Names of folders where an application of the set would be, and that are none.
    private static func strangers(
        to model: Application, _ environments: [EnvironmentName], _ drafts: [ApplicationDraft], _ index: TreeIndex
    ) -> [String] {
        guard let template = model.source.path else { return [] }
        let known = Set(drafts.map(\.name))
        var strangers: Set<String> = []
        for environment in environments {
            guard let folder = template.folder(in: environment) else { continue }
            for entry in index.folders[folder.path]?.names ?? [] {
                guard let name = folder.name(of: entry), !known.contains(name) else { continue }
                let place = template.path(application: name, environment: environment)
                if index.has(place) { strangers.insert(name.text) }
            }
        }
        return strangers.sorted()
    }
}

extension ApplicationSource {
    /// The same with `{application}` for a name in its path; nil where it is not in it, and for what is in several places.
    fileprivate func generalized(_ name: ApplicationName) -> ApplicationSource? {
        guard let path else { return nil }
        let parts = path.text.split(separator: "/").map(String.init)
        guard let place = parts.lastIndex(of: name.text) else { return nil }
        let text = parts.indices.map { $0 == place ? "{application}" : parts[$0] }.joined(separator: "/")
        guard let template = PathTemplate(text) else { return nil }
        switch self {
        case .overlay(_, let dialect): return .overlay(template, as: dialect)
        case .manifests: return .manifests(template)
        case .chart, .flux, .argo, .program: return nil
        }
    }
}

extension ImageName {
    /// Its text with `{application}` for a name at the end of it; nil where it ends otherwise.
    fileprivate func generalized(_ name: ApplicationName) -> String? {
        let parts = text.split(separator: "/").map(String.init)
        guard let last = parts.last, last == name.text || last.hasSuffix("-" + name.text) else { return nil }
        return (parts.dropLast() + [last.dropLast(name.text.count) + "{application}"]).joined(separator: "/")
    }
}
