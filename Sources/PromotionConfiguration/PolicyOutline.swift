public import GitOpsTypes
import PromotionDomain

/// A policy in short, for reading it again: in a large one, most applications differ from another one in nothing but their name,
/// their images and their path, and their files need not be read for those.
public struct PolicyOutline: Hashable, Sendable {
    /// The files that have to be read again, with what Git calls their content.
    public let files: [String: BlobID]
    fileprivate let applications: [Likeness]

    fileprivate struct Likeness: Hashable, Sendable {
        /// The application that it is like, which is in one of the files.
        let model: ApplicationName
        let name: ApplicationName
        /// Nil where it is that of the model.
        let path: PathTemplate?
        let images: [ImageName]
    }

    /// How many applications are not read again.
    public var count: Int { applications.count }

    /// - Parameters:
    ///   - files: all files of the configuration.
    ///   - alone: the applications of those files that have nothing else in them.
    init(of policy: Policy, files: [String: BlobID], alone: [String: [String]]) {
        let likenesses = Self.likenesses(among: policy.applications)
        let skipped = alone.filter { $0.value.allSatisfy { likenesses[$0] != nil } }
        self.files = files.filter { skipped[$0.key] == nil }
        applications = skipped.values.joined().compactMap { likenesses[$0] }.sorted { $0.name < $1.name }
    }

    private static func likenesses(among applications: [Application]) -> [String: Likeness] {
        guard let first = applications.first, let blank = PathTemplate("{environment}") else { return [:] }
        var models: [Application: ApplicationName] = [:]
        var likenesses: [String: Likeness] = [:]
        for application in applications {
            let rest = application.renamed(first.name, images: first.images, at: blank)
            if let model = models[rest] {
                likenesses[application.name.text] = Likeness(
                    model: model, name: application.name, path: application.source.path, images: application.images)
            } else {
                models[rest] = application.name
            }
        }
        return likenesses
    }

    /// The whole policy; nil where `policy` has not the applications that others are like.
    ///
    /// - Parameter policy: as the files that have to be read make it.
    func completed(_ policy: Policy) -> Policy? {
        let models = Dictionary(policy.applications.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var all = policy.applications
        for likeness in applications {
            guard let model = models[likeness.model] else { return nil }
            all.append(model.renamed(likeness.name, images: likeness.images, at: likeness.path))
        }
        return Policy(
            applications: all, sets: policy.sets, environments: policy.environments, allowedSigners: policy.allowedSigners,
            forge: policy.forge, registries: policy.registries)
    }
}

// MARK: Bytes

extension PolicyOutline {
    /// As it is kept: a line for each file, an empty one, and a line for each application.
    public var bytes: [UInt8] {
        let files = files.sorted { $0.key < $1.key }.map { "\($0.value.hex)\t\($0.key)\n" }
        let applications = applications.map {
            "\($0.model)\t\($0.name)\t\($0.path?.text ?? "")\t\($0.images.map(\.text).joined(separator: "\t"))\n"
        }
        return Array((files + ["\n"] + applications).joined().utf8)
    }

    /// Nil for bytes that are no outline.
    public init?(bytes: [UInt8]) {
        var files: [String: BlobID] = [:]
        var applications: [Likeness] = []
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        var isOfFiles = true
        for line in bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if isOfFiles, line.isEmpty {
                isOfFiles = false
                continue
            }
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            if isOfFiles {
                guard fields.count == 2, let id = BlobID(fields[0]) else { return nil }
                files[fields[1]] = id
            } else {
                guard let likeness = Likeness(fields) else { return nil }
                applications.append(likeness)
            }
        }
        guard !isOfFiles else { return nil }
        self.files = files
        self.applications = applications
    }
}

extension PolicyOutline.Likeness {
    fileprivate init?(_ fields: [String]) {
        guard fields.count > 3, let model = ApplicationName(fields[0]), let name = ApplicationName(fields[1]) else { return nil }
        let path = PathTemplate(fields[2])
        guard path != nil || fields[2].isEmpty else { return nil }
        let images = fields[3...].compactMap { ImageName($0) }
        guard images.count == fields.count - 3 else { return nil }
        self.init(model: model, name: name, path: path, images: images)
    }
}
