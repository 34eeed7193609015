import GitOpsTypes
import Testing

@Suite struct SourceRepositoryTests {
    @Test(arguments: [
        "https://host.example/a/b", "https://host.example/a/b.git", "https://host.example/a/b/",
        "git+https://host.example/a/b.git",
        "git+https://host.example/a/b@refs/heads/main", "https://host.example/a/b#main", "HTTPS://Host.Example/A/B",
        "git@host.example:a/b.git", "ssh://git@host.example/a/b", "https://user:password@host.example/a/b", "host.example/a/b",
        "https://host.example/a/b?x=y",
    ])
    func `A repository is the same however it is written`(_ address: String) {
        #expect(SourceRepository(address).description == "host.example/a/b")
    }

    @Test(arguments: [
        "https://host.example/a/bb", "https://host.example/a", "https://other.example/a/b", "https://host.example:8443/a/b",
        "https://host.example@evil.example/a/b", "https://evil.example/host.example/a/b", "https://host.example.evil/a/b", "",
    ])
    func `Another one is another`(_ address: String) {
        #expect(SourceRepository(address) != SourceRepository("https://host.example/a/b"))
    }
}
