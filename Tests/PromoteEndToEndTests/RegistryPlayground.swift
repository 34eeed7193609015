import Foundation
import PromoteTestSupport
import Testing

extension Playground {
    /// The example, whose images are kept in `host`: what the example's registry has as its mirror.
    ///
    /// - Parameters:
    ///   - image: more fields of the example's image: `verify: {keys: [cosign.pub]}`.
    ///   - entry: more fields of the environment that takes builds: `provenance: true`.
    ///   - more: documents behind that of the registry.
    ///   - files: of `environments/`, by their names.
    init(
        keepingImagesAt host: String, image: String? = nil, entry: [String] = [], more: String = "", files: [String: String] = [:]
    ) throws {
        try self.init { seed in
            let folder = seed.appending(path: "environments")
            let registry = """
                apiVersion: promote/v1alpha1
                kind: Registry
                metadata: { name: registry.example }
                spec: { mirrors: ["\(host)"] }

                """
            for (name, text) in files.merging(["registries.yaml": registry + more], uniquingKeysWith: { one, _ in one }) {
                try Data(text.utf8).write(to: folder.appending(component: name))
            }
            if let image {
                try Self.replace("- name: registry.example/web", "- { name: registry.example/web, \(image) }", below: folder)
            }
            if !entry.isEmpty {
                try Self.replace(
                    "promotesFrom: [build]", (["promotesFrom: [build]"] + entry).joined(separator: "\n  "), below: folder)
            }
        }
    }

    /// Replaces what stands in exactly one of a folder's YAML files.
    static func replace(_ old: String, _ new: String, below folder: URL) throws {
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".yaml") {
            let file = folder.appending(component: name)
            let text = try String(contentsOf: file, encoding: .utf8)
            guard text.contains(old) else { continue }
            count += 1
            try Data(text.replacing(old, with: new).utf8).write(to: file)
        }
        #expect(count == 1, "“\(old)” in \(count) files")
    }
}

extension Tool {
    /// A port of this machine that nobody listens on.
    static func freePort() throws -> String {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        try #require(isBound, "\(String(cString: strerror(errno)))")
        return String(UInt16(bigEndian: address.sin_port))
    }

    /// `sha256:…`
    static func digest(of bytes: some Sequence<UInt8>) throws -> String {
        let scratch = try ScratchDirectory()
        try Data(bytes).write(to: scratch.url.appending(component: "x"))
        return try "sha256:" + Tool("sha256sum", in: scratch.path).succeed("x").prefix(64)
    }
}
