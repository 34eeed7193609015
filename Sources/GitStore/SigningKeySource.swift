import GitOpsTypes

/// Where the key comes from that signs: Git's configuration, or a program that it names, asked once.
actor SigningKeySource {
    private var known: CommitSigner.Key?
    private let command: String
    private let directory: String

    init(_ key: CommitSigner.Key) {
        known = key
        command = ""
        directory = ""
    }

    /// - Parameter command: as Git's configuration has it: a program and its arguments.
    init(command: String, directory: String) {
        self.command = command
        self.directory = directory
    }

    /// Source: git-config(1), `gpg.ssh.defaultKeyCommand`: a valid key, with `key::` or `ssh-` in front, is expected in the first
    /// line of its output.
    ///
    /// - Throws: `GitError.signing` where the program gives none.
    func key() async throws -> CommitSigner.Key {
        if let known { return known }
        guard let words = CommandLineWords(command)?.words, let program = words.first else {
            throw failure("“\(command.displayable)” is no command", "")
        }
        let output = try await ToolProcess(program: program, directory: directory).run(Array(words.dropFirst()))
        let line = String(decoding: output.standardOutput, as: UTF8.self).firstLine
        guard output.isSuccess, let key = CommitSigner.Key(literal: line) else {
            throw failure("\(program.displayable) gave no key", output.standardError.lastLines.displayable)
        }
        known = key
        return key
    }

    private func failure(_ what: String, _ said: String) -> GitError {
        GitError(
            .signing, "find the key that signs, by gpg.ssh.defaultKeyCommand", said.isEmpty ? what : "\(what): \(said)",
            hint: "let it print a public key in its first line, as `ssh-add -L` does, or git config user.signingkey <key>")
    }
}

/// A command line as Git takes one apart, without a shell: blanks separate words, quotes and backslashes keep them together.
///
/// Source: Git's alias.c, `split_cmdline`.
struct CommandLineWords {
    let words: [String]

    /// Nil where a quote is not closed, or nothing follows the last backslash.
    init?(_ text: String) {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            if quote == nil, character == " " || character == "\t" || character == "\n" {
                if let done = word { words.append(done) }
                word = nil
            } else if quote == nil, character == "'" || character == "\"" {
                (quote, word) = (character, word ?? "")
            } else if character == quote {
                quote = nil
            } else if character == "\\", quote != "'" {
                guard let escaped = rest.popFirst() else { return nil }
                word = (word ?? "") + String(escaped)
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        self.words = words
    }
}
