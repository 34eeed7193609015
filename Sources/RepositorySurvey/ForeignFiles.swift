import GitOpsTypes

/// Files of environments that are no manifests: what else there is to be promoted, and is not proposed.
struct ForeignFiles {
    let index: TreeIndex
    let lexicon: EnvironmentLexicon

    private static let kinds = [
        ".tfvars": "values of Terraform", ".jsonnet": "Jsonnet", ".cue": "CUE", ".nomad": "a job of Nomad", ".hcl": "HCL",
    ]

    /// One line for each kind of file.
    var guesses: [Guess] {
        Self.kinds.sorted { $0.key < $1.key }.compactMap { suffix, noun in
            let found = index.files.filter { $0.name.hasSuffix(suffix) && EnvironmentWords.has($0, lexicon) }
            guard let first = found.first else { return nil }
            return Guess(
                about: found.count == 1 ? "\(first) is left alone" : "\(first) and \(found.count - 1) more are left alone",
                because: "\(noun), and no manifests; `files` of an application promotes marked values in such files")
        }
    }
}
