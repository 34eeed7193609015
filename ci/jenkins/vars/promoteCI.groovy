// A step for a shared library: one command of promote, with its outputs as a map.
//
//   def release = promoteCI('register', actor: 'ci@example.org', images: env.IMAGE).release
//
// Options are those of ci/shell/promote-ci: PROMOTE_IMAGES is images, PROMOTE_PULL_REQUEST is pullRequest. The credential `key` is
// an SSH key without a passphrase; `repository` a user name and a token that may push to the configuration repository and open
// pull requests there.
def call(Map options = [:], String command) {
    def credentials = [
        gitUsernamePassword(credentialsId: options.repository ?: 'promote-repository', gitToolName: 'Default'),
        usernamePassword(
            credentialsId: options.repository ?: 'promote-repository', usernameVariable: 'PROMOTE_USER',
            passwordVariable: 'PROMOTE_TOKEN'),
    ]
    // Judging needs no key.
    if (command != 'gate') {
        credentials << sshUserPrivateKey(
            credentialsId: options.key ?: 'promote-signing-key', keyFileVariable: 'PROMOTE_SIGNING_KEY_FILE')
    }
    def variables = options.findAll { !(it.key in ['key', 'repository']) }.collect { option ->
        'PROMOTE_' + option.key.replaceAll(/([A-Z])/, '_$1').toUpperCase() + '=' + option.value
    }
    withCredentials(credentials) {
        withEnv(variables + ["PROMOTE_COMMAND=${command}"]) {
            try {
                // In single quotes: Groovy would put secrets into the command.
                sh 'rm -f promote.env promote.md && promote-ci "$PROMOTE_COMMAND"'
            } finally {
                archiveArtifacts artifacts: 'promote.md', allowEmptyArchive: true
            }
        }
    }
    if (!fileExists('promote.env')) { return [:] }
    readFile('promote.env').readLines().collectEntries { line ->
        def (name, value) = line.split('=', 2)
        [(name - 'PROMOTE_').toLowerCase(), value]
    }
}
