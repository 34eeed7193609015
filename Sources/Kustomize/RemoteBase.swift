public import GitOpsTypes

/// A base in another repository that may be built on: at a full commit, and named in a way that means one thing.
public struct RemoteBase: Hashable, Sendable {
    public let repository: PinnedRepository
    /// In that repository.
    public let directory: RepositoryPath

    /// Why a reference to another repository is not built on, and what to write instead.
    public struct Problem: Error, Hashable, Sendable {
        public let message: String
        public let hint: String
    }

    /// - Returns: nil for what is no reference to another repository.
    /// - Throws: `Problem`.
    public init?(_ text: String) throws(Problem) {
        guard let reference = RemoteReference(text) else { return nil }
        try self.init(reference, writtenAs: text)
    }

    init(_ reference: RemoteReference, writtenAs text: String) throws(Problem) {
        if RemoteReference.isAskedForByHTTP(text), let problem = RemoteFile.problem(of: reference, writtenAs: text) {
            throw problem
        }
        if let problem = RemoteAddress(reference.address).problem { throw problem }
        guard reference.ref.utf8.allSatisfy({ !(0x41...0x5A).contains($0) }), let commit = CommitID(reference.ref) else {
            throw Self.unpinned(reference, writtenAs: text)
        }
        let repository = PinnedRepository(address: reference.address, commit: commit)
        guard let directory = RepositoryPath(reference.path, relativeTo: .root(of: repository)) else {
            throw Problem(message: "“\(text.displayable)” leads out of its repository", hint: "name a directory in it")
        }
        self.repository = repository
        self.directory = directory
    }

    /// What can be another commit tomorrow.
    private static func unpinned(_ reference: RemoteReference, writtenAs text: String) -> Problem {
        let address = reference.address.displayable
        let place = String(text.prefix { $0 != "?" }).displayable
        let (what, name) =
            reference.ref.isEmpty
            ? ("has no ref, so that it is another thing whenever its default branch moves", "HEAD")
            : ("has the ref \(reference.ref.displayable), which is no full commit and may be another thing later", reference.ref)
        return Problem(
            message: "“\(text.displayable)” \(what)",
            hint:
                "pin it: \(place)?ref=<40 digits>; the commit is the first word of `git ls-remote \(address) \(name.displayable)`, of a tag with ^{} at its end the last one's"
        )
    }
}

/// An address of a repository, as Git is given it.
private struct RemoteAddress {
    private let text: String

    init(_ text: String) { self.text = text }

    /// What could be read as something else: an option, another user's secret, a place that a log would show otherwise.
    var problem: RemoteBase.Problem? {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(where: { "\\'\"`".contains($0) }) else {
            return problem("has a sign that belongs to none: a quote, a blank, one that is no ASCII", "write it without")
        }
        guard text.utf8.count <= 1_000 else { return problem("is longer than an address is", "name it shortly") }
        let behindScheme = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        let parts = behindScheme.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == ":" }
        guard !parts.contains("..") && !parts.contains(".") else {
            return problem("leads over “..”", "write where the repository is")
        }
        guard !parts.contains(where: { $0.hasPrefix("-") || $0.contains("@-") }) else {
            return problem("has a part that begins like an option", "name another address of it")
        }
        let user = behindScheme.prefix { $0 != "/" }.split(separator: "@", omittingEmptySubsequences: false)
        guard user.count <= 1 || user.count == 2 && !user[0].contains(":") else {
            return problem("has a password in it", "leave it out: Git's credential helpers have it")
        }
        return nil
    }

    private func problem(_ what: String, _ hint: String) -> RemoteBase.Problem {
        RemoteBase.Problem(message: "the address of a remote base \(what)", hint: hint)
    }
}

/// A file that a web server gives for an address. Kustomize asks for one first, and takes it, whatever commit is named behind it.
enum RemoteFile {
    /// Parts of addresses below which forges have the files of repositories as they are.
    private static let routes: Set<Substring> = ["raw", "-", "releases", "plain", "media", "archive", "downloads"]
    private static let hosts = ["raw.", "gist."]
    private static let suffixes = [".yaml", ".yml", ".json", ".tgz", ".gz", ".zip"]

    /// Why the directory may be taken for a file; nil where it is not.
    static func problem(of reference: RemoteReference, writtenAs text: String) -> RemoteBase.Problem? {
        let address = reference.address.lowercased()
        let host = address.firstRange(of: "://").map { address[$0.upperBound...] } ?? ""
        if hosts.contains(where: host.hasPrefix) || suffixes.contains(where: reference.path.hasSuffix) {
            return problem(of: text)
        }
        guard let first = reference.path.split(separator: "/").first, routes.contains(first) else { return nil }
        return RemoteBase.Problem(
            message: "“\(text.displayable)” may be a file on a web server, which Kustomize would take instead of the commit",
            hint: "where it is a directory of the repository, write git:: in front of it, or its address for SSH")
    }

    /// That a file is none that could be relied on.
    static func problem(of text: String) -> RemoteBase.Problem {
        let address = text.displayable.replacing("'", with: "%27")
        return RemoteBase.Problem(
            message: "“\(text.displayable)” is a file on a web server, which may be another one tomorrow",
            hint: "copy it into the repository, and list that: curl -fsSL -o \(name(of: text)) '\(address)'")
    }

    private static func name(of text: String) -> String {
        let name = text.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").last.map(String.init) ?? ""
        let isPlain = name.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        return isPlain && name.utf8.first?.isAlphanumeric == true ? name : "resources.yaml"
    }
}
