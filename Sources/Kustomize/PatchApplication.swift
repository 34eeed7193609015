import GitOpsTypes
import YAMLEditing

/// Applies one entry of `patches` to the resources it is for.
struct PatchApplication {
    let rule: Kustomization.PatchRule
    let path: RepositoryPath

    func apply(_ documents: [ManifestNode], to resources: inout [Resource]) throws(KustomizeError) {
        guard !documents.isEmpty else { throw error(.invalid, "the patch is empty") }
        for document in documents {
            switch document {
            case .map(let patch): try applyStrategicMerge(patch, to: &resources)
            case .list(let operations): try applyJSONPatch(operations, to: &resources)
            case .scalar: throw error(.invalid, "a patch is an object or a list of JSON 6902 operations")
            }
        }
    }

    private func applyStrategicMerge(_ patch: ManifestMap, to resources: inout [Resource]) throws(KustomizeError) {
        if let directive = StrategicMerge.unsupportedDirective(in: .map(patch)) {
            throw error(.unsupported, "the patch directive \(directive) is not supported yet", hint: "use a JSON 6902 patch")
        }
        var matches: [Int]
        if let target = rule.target {
            matches = try self.matches(target, resources)
            if matches.isEmpty { return }
        } else {
            guard let resource = Resource(.map(patch), origin: path), !resource.name.isEmpty else {
                throw error(.invalid, "a patch without target needs apiVersion, kind and metadata.name")
            }
            matches = resources.indices.filter {
                resources[$0].hasID(resource.id) && resources[$0].kind.version == resource.kind.version
            }
            guard matches.count == 1 else {
                throw error(
                    .conflict, "\(matches.isEmpty ? "no object" : "more than one object") matches the patch for \(resource.id)",
                    hint: "correct kind, name and namespace, or give the patch a target")
            }
        }
        var deleted: [Int] = []
        for index in matches {
            guard case .map(let object) = resources[index].node else { continue }
            var patch = patch
            if rule.target != nil {
                patch = Self.withoutIdentity(patch, keepingName: rule.allowNameChange, keepingKind: rule.allowKindChange)
            }
            let merger = StrategicMerge(hasSchema: resources[index].kind.isBuiltIn)
            guard var merged = merger.merge(patch, into: object) else {
                deleted.append(index)
                continue
            }
            if !rule.allowNameChange, let name = object["metadata"]?["name"] {
                var metadata = merged["metadata"]?.map ?? ManifestMap()
                metadata["name"] = name
                if let namespace = object["metadata"]?["namespace"] { metadata["namespace"] = namespace }
                merged["metadata"] = .map(metadata)
            }
            resources[index].remember()
            resources[index].node = .map(merged)
        }
        for index in deleted.reversed() { resources.remove(at: index) }
    }

    /// With a target, the patch's own kind and name say nothing.
    private static func withoutIdentity(_ patch: ManifestMap, keepingName: Bool, keepingKind: Bool) -> ManifestMap {
        var patch = patch
        if !keepingKind {
            patch["apiVersion"] = nil
            patch["kind"] = nil
        }
        if !keepingName, var metadata = patch["metadata"]?.map {
            metadata["name"] = nil
            metadata["namespace"] = nil
            patch["metadata"] = metadata.isEmpty ? nil : .map(metadata)
        }
        return patch
    }

    private func applyJSONPatch(_ items: [ManifestNode], to resources: inout [Resource]) throws(KustomizeError) {
        guard let target = rule.target else {
            throw error(.invalid, "a JSON 6902 patch needs a target", hint: "add target: with kind and name")
        }
        do {
            let operations = try items.map { item throws(JSONPatchOperation.Failure) in try JSONPatchOperation(item) }
            for index in try matches(target, resources) {
                resources[index].remember()
                for operation in operations { try operation.apply(to: &resources[index].node) }
            }
        } catch let failure as JSONPatchOperation.Failure {
            throw error(.invalid, failure.message)
        } catch let failure as KustomizeError {
            throw failure
        } catch {
            throw self.error(.invalid, "\(error)")
        }
    }

    private func matches(_ target: PatchTarget, _ resources: [Resource]) throws(KustomizeError) -> [Int] {
        let name = try pattern(target.name)
        let namespace = try pattern(target.namespace)
        let kind = try pattern(target.kind)
        let group = try pattern(target.group)
        let version = try pattern(target.version)
        let labels = try selector(target.labelSelector)
        let annotations = try selector(target.annotationSelector)
        return resources.indices.filter { index in
            let resource = resources[index]
            guard kind.matches(resource.kind.kind), group.matches(resource.kind.group), version.matches(resource.kind.version),
                labels.matches(resource.node["metadata"]?["labels"]),
                annotations.matches(resource.node["metadata"]?["annotations"])
            else { return false }
            return (resource.previous + [resource.id]).contains {
                name.matches($0.name)
                    && namespace.matches($0.namespace.isEmpty ? "default" : $0.namespace, orEmpty: $0.namespace.isEmpty)
            }
        }
    }

    private func pattern(_ text: String?) throws(KustomizeError) -> AnchoredPattern {
        guard let text, !text.isEmpty else { return AnchoredPattern.any }
        guard let pattern = AnchoredPattern(text) else {
            throw error(.invalid, "“\(text)” is no regular expression")
        }
        return pattern
    }

    private func selector(_ text: String?) throws(KustomizeError) -> LabelSelector {
        guard let text, !text.isEmpty else { return LabelSelector(requirements: []) }
        guard let selector = LabelSelector(text) else { throw error(.invalid, "“\(text)” is no label selector") }
        return selector
    }

    private func error(_ code: KustomizeError.Code, _ message: String, hint: String? = nil) -> KustomizeError {
        KustomizeError(code, message, in: path, at: rule.position, hint: hint)
    }
}

/// A regular expression that must match all of a text; plain names are compared as they are.
struct AnchoredPattern {
    private enum Matcher {
        case any
        case exact(String)
        case expression(Regex<AnyRegexOutput>)
    }

    private let matcher: Matcher
    static var any: AnchoredPattern { AnchoredPattern(matcher: .any) }

    private init(matcher: Matcher) {
        self.matcher = matcher
    }

    init?(_ text: String) {
        if text.utf8.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) {
            matcher = .exact(text)
            return
        }
        do {
            matcher = .expression(try Regex(text))
        } catch {
            return nil
        }
    }

    func matches(_ text: String, orEmpty: Bool = false) -> Bool {
        switch matcher {
        case .any: true
        case .exact(let exact): exact == text
        case .expression(let expression):
            text.wholeMatch(of: expression) != nil || (orEmpty && "".wholeMatch(of: expression) != nil)
        }
    }
}

/// A label selector as the Kubernetes API takes it: `a=b,c!=d,e in (x,y),f,!g`.
struct LabelSelector {
    enum Requirement {
        case equals(String, String)
        case differs(String, String)
        case isIn(String, [String])
        case isNotIn(String, [String])
        case exists(String)
        case isAbsent(String)
    }

    let requirements: [Requirement]

    init(requirements: [Requirement]) {
        self.requirements = requirements
    }

    init?(_ text: String) {
        var requirements: [Requirement] = []
        for part in Self.split(text) {
            guard let requirement = Self.requirement(part) else { return nil }
            requirements.append(requirement)
        }
        self.requirements = requirements
    }

    func matches(_ node: ManifestNode?) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .equals(let key, let value): node?[key]?.scalar?.text == value
            case .differs(let key, let value): node?[key]?.scalar?.text != value
            case .isIn(let key, let values): node?[key]?.scalar.map { values.contains($0.text) } ?? false
            case .isNotIn(let key, let values): node?[key]?.scalar.map { !values.contains($0.text) } ?? true
            case .exists(let key): node?[key] != nil
            case .isAbsent(let key): node?[key] == nil
            }
        }
    }

    /// The parts between commas that are not inside parentheses.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.map(trimmed)
    }

    private static func requirement(_ text: String) -> Requirement? {
        for (word, isIn) in [(" notin ", false), (" in ", true)] {
            let pieces = text.split(separator: word, maxSplits: 1)
            guard pieces.count == 2, let open = pieces[1].firstIndex(of: "("), pieces[1].hasSuffix(")") else { continue }
            let values = pieces[1][pieces[1].index(after: open)...].dropLast().split(separator: ",").map { trimmed(String($0)) }
            let key = trimmed(String(pieces[0]))
            return isIn ? .isIn(key, values) : .isNotIn(key, values)
        }
        for operation in ["!=", "==", "="] {
            let pieces = text.split(separator: operation, maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else { continue }
            let (key, value) = (trimmed(String(pieces[0])), trimmed(String(pieces[1])))
            guard !key.isEmpty else { return nil }
            return operation == "!=" ? .differs(key, value) : .equals(key, value)
        }
        if text.hasPrefix("!") { return .isAbsent(trimmed(String(text.dropFirst()))) }
        return text.isEmpty ? nil : .exists(text)
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
