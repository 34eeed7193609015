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

/// Puts applications of one pattern together.
struct ProposedSets {
    private(set) var sets: [ProposedSet] = []
    /// Those that are in none.
    private(set) var others: [ApplicationDraft] = []

    private let all: Set<EnvironmentName>

    /// Fewer are easier read one by one.
    private static let minimum = 3

    /// What the members of a set have in common.
    private struct Pattern: Hashable {
        let source: ApplicationSource
        let image: String
    }

    /// - Parameters:
    ///   - index: the tree, for what is where applications of a set would be.
    ///   - all: the environments of the policy.
    ///   - taken: names that sets have already.
    init(_ drafts: [ApplicationDraft], in index: TreeIndex, _ all: Set<EnvironmentName>, taken: Set<String>) {
        self.all = all
        var members: [Pattern: [ApplicationDraft]] = [:]
        var order: [Pattern] = []
        for draft in drafts {
            guard let pattern = Self.pattern(of: draft) else {
                others.append(draft)
                continue
            }
            if members[pattern] == nil { order.append(pattern) }
            members[pattern, default: []].append(draft)
        }
        var taken = taken
        // Of several patterns in one place, the largest is the set: the others are documents, which win over it.
        var places: Set<ApplicationSource> = []
        for pattern in order.sorted(by: { members[$0]?.count ?? 0 > members[$1]?.count ?? 0 }) {
            let own = members[pattern] ?? []
            guard own.count >= Self.minimum, places.insert(pattern.source).inserted, taken.isEmpty else {
                others += own
                continue
            }
            add(own, pattern, index, besides: drafts, &taken)
        }
        others.sort { $0.name < $1.name }
    }

    private static func pattern(of draft: ApplicationDraft) -> Pattern? {
        guard draft.policies.isEmpty, draft.selection == nil, let source = draft.source.source.generalized(draft.name),
            let image = draft.image.generalized(draft.name)
        else { return nil }
        return Pattern(source: source, image: image)
    }

    private mutating func add(
        _ members: [ApplicationDraft], _ pattern: Pattern, _ index: TreeIndex, besides drafts: [ApplicationDraft],
        _ taken: inout Set<String>
    ) {
        // Who has other environments than most is a document of its own.
        let counts = Dictionary(grouping: members, by: \.environments).mapValues(\.count)
        guard let common = counts.max(by: { ($0.value, $1.key.count) < ($1.value, $0.key.count) })?.key,
            let image = ImageName(pattern.image.replacing("{application}", with: ApplicationSet.placeholder.text))
        else {
            others += members
            return
        }
        let own = members.filter { $0.environments == common }
        others += members.filter { $0.environments != common }
        let model = Application(
            name: ApplicationSet.placeholder, images: [image], source: pattern.source, builders: .anyone,
            environments: Set(common) == all ? nil : Set(common))
        let name = ["applications"] + (2...99).map { "applications-\($0)" }
        guard let free = name.first(where: { taken.insert($0).inserted }) else { return others += own }
        let strangers = Self.strangers(to: model, common, drafts, index)
        sets.append(
            ProposedSet(name: free, model: model, excluded: strangers, count: own.count))
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
