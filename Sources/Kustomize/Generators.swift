import Crypto
import Foundation
import GitOpsTypes
import YAMLEditing

/// Makes a ConfigMap or Secret from literals and files.
///
/// Source: Kustomize v5.5's generators: what is not UTF-8 goes to `binaryData`, secrets are base64 in lines of seventy.
struct ManifestGenerator {
    enum Product {
        case configMap
        case secret
    }

    let product: Product
    let rule: Kustomization.GeneratorRule
    let options: GeneratorOptions
    let path: RepositoryPath
    /// Reads a file named in the kustomization.
    let read: (Kustomization.Reference) throws -> [UInt8]

    func generate() throws -> Resource {
        var data: [(key: String, value: [UInt8])] = []
        for reference in rule.envs { data += try environment(reference) }
        for reference in rule.literals { data.append(try literal(reference)) }
        for reference in rule.files { data.append(try file(reference)) }
        var map = ManifestMap()
        map["apiVersion"] = .string("v1")
        var plain = ManifestMap()
        var binary = ManifestMap()
        var keys: Set<ByteText> = []
        for (key, value) in data {
            guard keys.insert(ByteText(key)).inserted else {
                throw KustomizeError(.conflict, "the key “\(key)” is given twice for \(rule.name)", in: path, at: rule.position)
            }
            guard key.isPlainText else {
                throw KustomizeError(
                    .invalid, "the key “\(key)” of \(rule.name) is read as no text, and Kustomize cannot quote it", in: path,
                    at: rule.position, hint: "use another key")
            }
            switch (product, String(validating: value, as: UTF8.self)) {
            case (.configMap, let text?):
                if text.utf8.first == UInt8(ascii: "\t"), text.utf8.contains(UInt8(ascii: "\n")) {
                    throw KustomizeError(
                        .invalid, "the value of \(key) begins with a tab, which Kustomize takes for indentation", in: path,
                        at: rule.position, hint: "begin the file with something else")
                }
                plain.entries.append(.init(key: key, value: .string(text)))
            case (.configMap, nil): binary.entries.append(.init(key: key, value: .string(Self.base64(value))))
            case (.secret, _): plain.entries.append(.init(key: key, value: .string(Self.base64(value))))
            }
        }
        if !plain.isEmpty || product == .secret { map["data"] = .map(plain) }
        if !binary.isEmpty { map["binaryData"] = .map(binary) }
        map["kind"] = .string(product == .configMap ? "ConfigMap" : "Secret")
        var metadata = ManifestMap()
        metadata["name"] = .string(rule.name)
        if let namespace = rule.namespace { metadata["namespace"] = .string(namespace) }
        for (field, pairs) in [("labels", options.labels), ("annotations", options.annotations)] where !pairs.isEmpty {
            metadata[field] = .map(ManifestMap(pairs.map { .init(key: $0.key, value: .string($0.value)) }))
        }
        map["metadata"] = .map(metadata)
        if product == .secret { map["type"] = .string(rule.type.flatMap { $0.isEmpty ? nil : $0 } ?? "Opaque") }
        if options.immutable { map["immutable"] = .bool(true) }
        guard var resource = Resource(.map(map), origin: path) else {
            throw KustomizeError(.invalid, "the generator has no name", in: path, at: rule.position)
        }
        resource.isGenerated = true
        resource.needsHash = !options.disableNameSuffixHash
        return resource
    }

    private func literal(_ reference: Kustomization.Reference) throws(KustomizeError) -> (key: String, value: [UInt8]) {
        guard let equals = reference.text.firstIndex(of: "="), equals != reference.text.startIndex else {
            throw KustomizeError(
                .invalid, "the literal “\(reference.text)” is not key=value", in: path, at: reference.position)
        }
        var value = reference.text[reference.text.index(after: equals)...]
        // One pair of quotes around the value is the shell's, not the value's.
        if value.count >= 2, let first = value.first, first == "\"" || first == "'", value.last == first {
            value = value.dropFirst().dropLast()
        }
        return (String(reference.text[..<equals]), Array(value.utf8))
    }

    private func file(_ reference: Kustomization.Reference) throws -> (key: String, value: [UInt8]) {
        let parts = reference.text.split(separator: "=", omittingEmptySubsequences: false)
        switch parts.count {
        case 1:
            let name = parts[0].split(separator: "/").last.map(String.init) ?? ""
            return (name, try read(reference))
        case 2 where !parts[0].isEmpty && !parts[1].isEmpty:
            return (String(parts[0]), try read(.init(text: String(parts[1]), position: reference.position)))
        default:
            throw KustomizeError(
                .invalid, "the file “\(reference.text)” is neither a path nor key=path", in: path, at: reference.position)
        }
    }

    /// The pairs of a file with one `key=value` a line. A line without `=` gives its key an empty value.
    private func environment(_ reference: Kustomization.Reference) throws -> [(key: String, value: [UInt8])] {
        let bytes = try read(reference)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw KustomizeError(.invalid, "the file “\(reference.text)” is not UTF-8", in: path, at: reference.position)
        }
        var result: [(key: String, value: [UInt8])] = []
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        for line in body.split(separator: UInt8(ascii: "\n")) {
            let line = (line.last == UInt8(ascii: "\r") ? line.dropLast() : line).drop(while: Self.isSpace)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            let equals = line.firstIndex(of: UInt8(ascii: "=")) ?? line.endIndex
            guard equals != line.startIndex else { continue }
            result.append((String(decoding: line[..<equals], as: UTF8.self), Array(line[equals...].dropFirst())))
        }
        return result
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) }

    /// Base64 in lines of seventy characters where it is longer than one.
    private static func base64(_ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString()
        guard text.utf8.count > 70 else { return text }
        var lines = ""
        var rest = Substring(text)
        while !rest.isEmpty {
            lines += rest.prefix(70) + "\n"
            rest = rest.dropFirst(70)
        }
        return lines
    }
}

extension String {
    /// Whether the text, written as a key without quotes, is read as a text. Kustomize writes new keys so.
    var isPlainText: Bool { ScalarKind(plain: self) == .string && self != "<<" }
}

extension Array<Resource> {
    /// Gives generated objects the names that follow their content.
    mutating func appendHashes() {
        for index in indices where self[index].needsHash {
            let name = "\(self[index].name)-\(self[index].contentHash())"
            self[index].remember()
            self[index].setName(name)
        }
    }
}

extension Resource {
    /// The suffix that makes the name of a generated object follow its content.
    ///
    /// Source: Kustomize's hasher: ten digits of SHA-256 over the JSON of kind, name, type and data, spelled so that no
    /// digit makes a word.
    func contentHash() -> String {
        var map = ManifestMap()
        map["kind"] = .string(kind.kind)
        // Kustomize's hasher looks the name up where it is not, so that every object is hashed under an empty one.
        map["name"] = .string("")
        map["data"] = node["data"] ?? .string("")
        if kind.kind == "Secret" {
            map["type"] = node["type"] ?? .string("")
            if let stringData = node["stringData"], stringData.map != nil { map["stringData"] = stringData }
        } else if let binary = node["binaryData"], binary.map != nil {
            map["binaryData"] = binary
        }
        let digest = SHA256.hash(data: GoJSON.encode(.map(map)))
        // The hexadecimal digits, with those that could spell something replaced.
        let spelling = Array("gh2k456789mbcdtf".utf8)
        let digits = digest.prefix(5).flatMap { [Int($0 >> 4), Int($0 & 0xF)] }
        return String(decoding: digits.map { spelling[$0] }, as: UTF8.self)
    }
}
