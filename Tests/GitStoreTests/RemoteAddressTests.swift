import GitStore
import Testing

@Suite struct RemoteAddressTests {
    @Test(arguments: [
        ("https://git.example.org/acme/config.git", "git@git.example.org:acme/config.git"),
        ("https://git.example.org/acme/config", "ssh://git@git.example.org:2222/acme/config.git"),
        ("https://GIT.example.org/acme/config/", "https://user:word@git.example.org/acme/config"),
        ("/srv/git/config.git", "file:///srv/git/config.git"),
        ("../config.git", "../config.git"),
    ])
    func `Two ways to one repository`(_ left: String, _ right: String) {
        #expect(RemoteAddress.isSame(left, right))
    }

    @Test(arguments: [
        ("https://git.example.org/acme/config.git", "git@git.example.org:ann/config.git"),
        ("https://git.example.org/acme/config.git", "https://mirror.example.org/acme/config.git"),
        ("https://git.example.org/acme/config.git", "https://git.example.org/acme/config.git.git"),
        ("https://git.example.org/acme/config", "https://git.example.org/acme/Config"),
        ("/srv/git/config.git", "/srv/git/fork.git"),
        ("../config.git", "../fork.git"),
        ("", "x"),
    ])
    func `Two repositories`(_ left: String, _ right: String) {
        #expect(!RemoteAddress.isSame(left, right))
    }
}
