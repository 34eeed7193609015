import GRDB

/// The tables of the state store. Constraints back up the rules of the ledger: what they refuse is a defect of ours.
enum Schema {
    /// A store of another version is made anew from the ledger.
    static let version = 14

    static let tables = [
        "event", "deployment", "verification", "promotion", "releaseImage", "release", "hold", "yank", "violation",
        "unregistered", "freeze", "changeApproval", "policyViolation", "ledger",
    ]

    enum State {
        case current
        case empty
        case other(Int)
    }

    static func state(of database: DatabaseQueue) throws -> State {
        try database.read { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            if found == version { return .current }
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            return tables == 0 ? .empty : .other(found)
        }
    }

    static func create(in database: DatabaseQueue) throws {
        try database.write { database in
            // Another process may have been faster.
            guard try Int.fetchOne(database, sql: "PRAGMA user_version") != version else { return }
            try database.execute(sql: statements)
            try database.execute(sql: "PRAGMA user_version = \(version)")
        }
    }

    private static let statements = """
        -- What the store is a copy of: one row.
        CREATE TABLE meta (scope TEXT NOT NULL);
        -- What overlays render to, by what they read: a cache of its own, that no ledger has anything to do with.
        CREATE TABLE rendering (
            overlay TEXT NOT NULL,
            program TEXT NOT NULL,
            reads BLOB NOT NULL,
            manifests BLOB NOT NULL
        );
        CREATE INDEX renderingByOverlay ON rendering (overlay);
        -- Which places of a policy changed paths may touch, as of a tree: a cache of its own, too.
        CREATE TABLE reach (
            branch TEXT PRIMARY KEY,
            policy TEXT NOT NULL,
            tree TEXT NOT NULL,
            places BLOB NOT NULL
        );
        -- Policies in short, by the version of `environments/`: a cache of its own, too.
        CREATE TABLE policyOutline (version TEXT NOT NULL UNIQUE, outline BLOB NOT NULL);
        -- How far branches were looked through for what came there without us: a cache of its own, too.
        CREATE TABLE synced (branch TEXT PRIMARY KEY, "commit" TEXT NOT NULL) WITHOUT ROWID;
        -- Where the history of the target branch changes its policy, up to where it was walked: one row, a cache of its own, too.
        CREATE TABLE policyLine (json BLOB NOT NULL);
        -- What was last seen of a forge and last told to it, so that nothing is asked or said twice: a cache of its own, too.
        CREATE TABLE forgeNote (topic TEXT PRIMARY KEY, mark TEXT NOT NULL, body BLOB) WITHOUT ROWID;
        CREATE TABLE ledger (
            application TEXT PRIMARY KEY,
            head TEXT NOT NULL,
            count INTEGER NOT NULL,
            lastTime INTEGER,
            lastPolicy TEXT,
            -- The tips of the target branches that events were judged with, and whether a verdict may change with more.
            tips TEXT NOT NULL,
            isUnsettled INTEGER NOT NULL,
            newerEvent TEXT,
            -- The tip of the target branch then, and which policy counted from where on.
            target TEXT NOT NULL,
            policySteps TEXT NOT NULL,
            hasNamedEvents INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE event (
            application TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            "commit" TEXT NOT NULL,
            id TEXT,
            type TEXT,
            time INTEGER,
            -- The time of the last event that counts up to here: where the event belongs in history, whatever it claims.
            ledgerTime INTEGER NOT NULL,
            actor TEXT,
            promotion TEXT,
            "release" TEXT,
            environment TEXT,
            summary TEXT NOT NULL,
            rejection TEXT,
            PRIMARY KEY (application, sequence)
        ) WITHOUT ROWID;
        CREATE INDEX eventByTime ON event (ledgerTime);
        CREATE INDEX eventByID ON event (id, application);
        CREATE TABLE "release" (
            application TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            id TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, sequence),
            UNIQUE (application, id)
        ) WITHOUT ROWID;
        -- built-once: one digest for an image and source commit.
        CREATE TABLE releaseImage (
            application TEXT NOT NULL,
            name TEXT NOT NULL,
            sourceCommit TEXT NOT NULL,
            digest TEXT NOT NULL,
            PRIMARY KEY (application, name, sourceCommit)
        ) WITHOUT ROWID;
        CREATE TABLE promotion (
            application TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            environment TEXT NOT NULL,
            state TEXT NOT NULL,
            mergeCommit TEXT,
            json BLOB NOT NULL,
            PRIMARY KEY (application, sequence)
        ) WITHOUT ROWID;
        -- one-open-promotion.
        CREATE UNIQUE INDEX openPromotion ON promotion (application, environment) WHERE state IN ('requested', 'open');
        CREATE TABLE verification (
            application TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            "release" TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, sequence)
        ) WITHOUT ROWID;
        CREATE INDEX verificationByRelease ON verification (application, "release");
        CREATE TABLE deployment (
            application TEXT NOT NULL,
            environment TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            "release" TEXT NOT NULL,
            -- Whether it is the last one: what the environment runs, unless that has ended.
            isPresent INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, environment, sequence)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX presentDeployment ON deployment (application, environment) WHERE isPresent = 1;
        CREATE INDEX deploymentByRelease ON deployment (application, "release");
        -- What operators said that was not taken back.
        CREATE TABLE hold (
            application TEXT NOT NULL,
            environment TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, environment)
        ) WITHOUT ROWID;
        -- What environments run that is no release.
        CREATE TABLE unregistered (
            application TEXT NOT NULL,
            environment TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, environment)
        ) WITHOUT ROWID;
        CREATE TABLE yank (
            application TEXT NOT NULL,
            "release" TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, "release")
        ) WITHOUT ROWID;
        CREATE TABLE changeApproval (
            application TEXT NOT NULL,
            head TEXT NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, head)
        ) WITHOUT ROWID;
        CREATE TABLE freeze (
            application TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, sequence)
        ) WITHOUT ROWID;
        -- Changes of the policy that do not count.
        CREATE TABLE policyViolation (
            application TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE violation (
            application TEXT NOT NULL,
            environment TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (application, environment, sequence)
        ) WITHOUT ROWID;
        """
}
