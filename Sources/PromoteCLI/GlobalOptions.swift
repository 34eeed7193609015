import ArgumentParser

/// The options that every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(name: .customShort("C"), help: ArgumentHelp("Work in this repository.", valueName: "repo"))
    var directory: String = "."

    @Option(help: ArgumentHelp("The remote that holds the branches (default: origin, or the only one).", valueName: "name"))
    var remote: String?

    @Flag(help: "Look at what was last fetched; leave the remote alone.")
    var offline = false

    @Flag(help: "Run the programs that the policy names, whatever they are: for CI. Otherwise see `promote trust`.")
    var runGates = false

    @Flag(help: "Fetch the remote bases that a proposal names, wherever they are: for CI. Otherwise see `promote fetch-base`.")
    var fetchBases = false

    @Flag(help: "Print JSON to standard output.")
    var json = false
}
