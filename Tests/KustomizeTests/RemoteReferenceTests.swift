import GitOpsTypes
import Testing

@testable import Kustomize

/// What a kustomization means by the name of another repository, as Kustomize 5.8.1 reads it.
@Suite struct RemoteReferenceTests {
    private static let commit = "0123456789abcdef0123456789abcdef01234567"

    private static let read = [
        ("https://github.com/org/repo//path?ref=v1", "https://github.com/org/repo", "path", "v1"),
        ("https://github.com/org/repo/a/b?ref=x", "https://github.com/org/repo", "a/b", "x"),
        ("http://GitHub.com/org/repo", "https://github.com/org/repo", "", ""),
        ("hTTps://github.com/org/repo.git/a", "https://github.com/org/repo.git", "a", ""),
        ("github.com/org/repo", "https://github.com/org/repo", "", ""),
        ("github.com:org/repo/a", "https://github.com/org/repo", "a", ""),
        ("git@github.com:org/repo/a", "git@github.com:org/repo", "a", ""),
        ("git@github.com/org/repo", "git@github.com:org/repo", "", ""),
        ("ssh://git@github.com/org/repo", "git@github.com:org/repo", "", ""),
        ("git::git@github.com:org/repo?ref=x", "git@github.com:org/repo", "", "x"),
        ("GIT::https://gitlab.com/org/repo?ref=x", "https://gitlab.com/org/repo", "", "x"),
        ("https://gitlab.com/group/sub/repo//deploy?ref=x", "https://gitlab.com/group/sub/repo", "deploy", "x"),
        ("https://host.example/scm/project/repo.git/a", "https://host.example/scm/project/repo.git", "a", ""),
        ("https://dev.azure.com/org/p/_git/repo/a/b?ref=x", "https://dev.azure.com/org/p/_git/repo", "a/b", "x"),
        ("git@host:a/b.git?ref=x", "git@host:a/b.git", "", "x"), ("me@host/a/b.git//c", "me@host/a/b.git", "c", ""),
        ("ssh://git.example.com:7999/org/repo/a", "ssh://git.example.com:7999/org/repo", "a", ""),
        ("file:///a/b/repo?ref=x", "file:///a/b/repo", "", "x"), ("file:///a/b/repo//c?ref=x", "file:///a/b/repo", "c", "x"),
        ("https://h/o/r?version=a", "https://h/o/r", "", "a"), ("https://h/o/r?version=a&ref=b", "https://h/o/r", "", "b"),
        ("https://h/o/r?timeout=90&submodules=false&ref=b", "https://h/o/r", "", "b"),
        ("https://h/o/r?%72ef=b%63", "https://h/o/r", "", "bc"), ("https://h/o/r?ref=a&ref=b", "https://h/o/r", "", "a"),
        // A query that is malformed anywhere counts for nothing, and the default branch is built.
        ("https://h/o/r?ref=a;b", "https://h/o/r", "", ""), ("https://h/o/r?ref=a&x=%zz", "https://h/o/r", "", ""),
        ("https://h/o/r#f?ref=a", "https://h/o/r#f", "", "a"),
    ]

    @Test(arguments: read)
    func `A repository is read from its name`(_ text: String, _ address: String, _ path: String, _ ref: String) throws {
        let reference = try #require(RemoteReference(text))
        #expect(reference.address == address && reference.path == path && reference.ref == ref, "\(reference)")
    }

    @Test(arguments: [
        "/tmp", "../../tmp", "src/github.com/org/repo", "base", "htxtp://github.com/a/b", "ssh://git.example.com", "git::___",
        "https://host?ref=a/b/c", "github.com!org/repo.git//path", "gh:org/repo", "https://github.com/x.yaml", "file:////tmp//a",
        "ext::sh -c a/b", "me@base", "-o/a/b",
    ])
    func `What Kustomize takes for a path is no repository`(_ text: String) { #expect(RemoteReference(text) == nil) }

    // MARK: What may be built on

    @Test(arguments: [
        "https://github.com/org/repo//path?ref=\(commit)", "github.com/org/repo?ref=\(commit)",
        "git@host:a/b.git//c?ref=\(commit)",
        "https://h/o/r?timeout=5m&submodules=false&version=\(commit)", "git::https://h/o/r//raw/a?ref=\(commit)",
    ])
    func `A full commit is built on, and named by what the clone keeps of it`(_ text: String) throws {
        let base = try #require(try RemoteBase(text))
        #expect(base.repository.commit.hex == Self.commit)
        #expect(try RemoteBase(base.repository.description)?.repository == base.repository)
    }

    private static let refused = [
        ("https://github.com/org/repo//a", "pin it: https://github.com/org/repo//a?ref=<40 digits>"),
        ("https://github.com/org/repo//a?ref=main", "`git ls-remote https://github.com/org/repo main`"),
        ("https://h/o/r?ref=v1.2.3", "has the ref v1.2.3, which is no full commit"),
        ("https://h/o/r?ref=0123456", "is no full commit"), ("https://h/o/r?ref=\(commit.uppercased())", "is no full commit"),
        ("https://h/o/r?ref=\(commit);", "has no ref"), ("https://h/o/r?ref=\(commit)&x=%", "has no ref"),
        ("https://h/o/r?ref=\(commit)0", "is no full commit"), ("https://h/o/r?ref=%20\(commit)", "is no full commit"),
        ("https://h/o/r//../x?ref=\(commit)", "leads out of its repository"),
        ("https://u:secret@h/o/r?ref=\(commit)", "has a password in it"),
        ("ssh://-oProxyCommand=x/o/r?ref=\(commit)", "begins like an option"),
        ("git@-oProxyCommand=x:o/r?ref=\(commit)", "begins like an option"),
        ("git@h:-x/o/r?ref=\(commit)", "begins like an option"),
        ("https://h/o/../x.git?ref=\(commit)", "leads over “..”"), ("https://h/o/r'$(x)'?ref=\(commit)", "a quote"),
        ("https://h/ö/r?ref=\(commit)", "no ASCII"), ("https://h/o/r\u{1B}[0m?ref=\(commit)", "a blank"),
        // Kustomize asks the web server for a file first, and takes what it gives.
        ("https://raw.githubusercontent.com/org/repo/main/x.yaml?ref=\(commit)", "is a file on a web server"),
        ("https://github.com/org/repo/raw/main/x?ref=\(commit)", "may be a file on a web server"),
        ("https://github.com/org/repo/releases/download/v1/x.yaml?ref=\(commit)", "curl -fsSL -o x.yaml"),
        ("https://gitlab.com/org/repo/-/raw/main/x?ref=\(commit)", "write git:: in front of it"),
    ]

    @Test(arguments: refused)
    func `What may change, or could be read as something else, is refused with what to write`(_ text: String, _ words: String) {
        #expect { _ = try RemoteBase(text) } throws: {
            guard let problem = $0 as? RemoteBase.Problem else { return false }
            return "\(problem.message); \(problem.hint)".contains(words)
        }
    }
}
