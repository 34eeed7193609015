/// What Git LFS commits in place of a large file: a few lines that say where the file is.
///
/// Source: the Git LFS specification, “The Pointer”: the first line is `version` and a URL.
public enum LargeFilePointer {
    private static let beginnings = ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"]
    /// Longer files are no pointers.
    private static let maximumBytes = 1024

    /// Whether `bytes` stand for a file that is not in the repository.
    public static func isOne(_ bytes: [UInt8]) -> Bool {
        bytes.count < maximumBytes && beginnings.contains { bytes.starts(with: $0.utf8) }
    }

    /// What is the matter with such a file, and the commands that put it into the repository.
    public static let problem = "it is a Git LFS pointer: the file that it stands for is not in the repository"

    public static func remedy(for path: RepositoryPath) -> String {
        "git lfs untrack '\(path)'; git add --renormalize .gitattributes '\(path)'; commit both"
    }
}
