package trino

const (
	moreMemory = "add workers or memory (query.max-memory-per-node, query.max-memory), or let queries go on in parts with retry-policy=TASK"
	again      = "run again; finished tables are kept. With retry-policy=TASK and an exchange manager queries survive a lost node"
	rights     = "ask who runs the server for the rights to create and drop schemas and tables in this catalog"
	// catalogWords is what a catalog needs; docs/scale.md has it whole.
	catalogWords = "a catalog with connector.name=hive; docs/scale.md shows its properties"
)

// advice is the way out of failures, by their names.
var advice = map[string]string{
	unreachable:    "look whether the server runs and this machine may reach it; then run again, finished tables are kept",
	unknownHost:    "look at the host in the engine's URL",
	untrusted:      "give the certificate of the authority that signed the server's in ENTREPOT_ENGINE_CA (a PEM file), and use the host name that it is for",
	noTLS:          "the server speaks no TLS at this port: use the port for https, or, on a line that nobody else reads and without a password, an http URL",
	wrongLogin:     "look at the user in the engine's URL, and at ENTREPOT_ENGINE_PASSWORD or ENTREPOT_ENGINE_TOKEN",
	forbidden:      rights,
	lostQuery:      "the coordinator has been started again, or has dropped a query that nobody asked for in minutes: " + again,
	notTrino:       "look at the host and the port in the engine's URL; it is the coordinator's address, or of a gateway before it",
	wrongConnector: "name in the engine's URL " + catalogWords,
	lakeFull:       "make room in the lake and run again; finished tables are kept",

	"CATALOG_NOT_FOUND":               "name one of them in the engine's URL, or let who runs the server add " + catalogWords,
	"CATALOG_NOT_AVAILABLE":           "look in the server's log why the catalog did not load",
	"SERVER_STARTING_UP":              "wait a minute and run again",
	"SERVER_SHUTTING_DOWN":            again,
	"NO_NODES_AVAILABLE":              "the cluster has no worker at the moment: wait until one has joined, and run again; finished tables are kept",
	"REMOTE_HOST_GONE":                again,
	"REMOTE_TASK_FAILED":              again,
	"PAGE_TRANSPORT_ERROR":            again,
	"PAGE_TRANSPORT_TIMEOUT":          again,
	"TOO_MANY_REQUESTS_FAILED":        again,
	"ABANDONED_QUERY":                 again,
	"ABANDONED_TASK":                  again,
	"GENERIC_INTERNAL_ERROR":          "the server's log says more under the id of the query; run again, finished tables are kept",
	"EXCEEDED_TIME_LIMIT":             "raise the engine's timeout, or the server's query.max-run-time or query.max-execution-time",
	"EXCEEDED_CPU_LIMIT":              "let who runs the server raise query.max-cpu-time",
	"EXCEEDED_SCAN_LIMIT":             "let who runs the server raise query.max-scan-physical-bytes",
	"EXCEEDED_SPILL_LIMIT":            "let who runs the server raise max-spill-per-node and query-max-spill-per-node",
	"OUT_OF_SPILL_SPACE":              "make room in the folders of spiller-spill-path, and run again",
	"EXCEEDED_MEMORY_LIMIT":           moreMemory,
	"EXCEEDED_LOCAL_MEMORY_LIMIT":     moreMemory,
	"EXCEEDED_GLOBAL_MEMORY_LIMIT":    moreMemory,
	"CLUSTER_OUT_OF_MEMORY":           moreMemory,
	"GENERIC_INSUFFICIENT_RESOURCES":  moreMemory,
	"QUERY_QUEUE_FULL":                "run again when the cluster has less to do, or let who runs it give entrepot a resource group of its own (its source is entrepot)",
	"ADMINISTRATIVELY_KILLED":         "someone ended the query on the server: ask why, and run again; finished tables are kept",
	"ADMINISTRATIVELY_PREEMPTED":      "someone ended the query on the server: ask why, and run again; finished tables are kept",
	"USER_CANCELED":                   "run again; finished tables are kept",
	"PERMISSION_DENIED":               rights,
	"HIVE_FILESYSTEM_ERROR":           "look whether the nodes may read and write the lake: its credentials are properties of the catalog",
	"HIVE_WRITER_OPEN_ERROR":          "look whether the nodes may write the lake: its credentials are properties of the catalog",
	"HIVE_WRITER_CLOSE_ERROR":         "look whether the nodes may write the lake, and whether it has room",
	"HIVE_WRITER_DATA_ERROR":          "look whether the nodes may write the lake, and whether it has room",
	"HIVE_CANNOT_OPEN_SPLIT":          "look whether the nodes may read the lake, and whether someone removed files of it; 'entrepot stage --lake' writes them again",
	"HIVE_BAD_DATA":                   "a file of the lake is damaged: remove it, and 'entrepot stage --lake' writes it again",
	"EXCHANGE_MANAGER_NOT_CONFIGURED": "retry-policy=TASK needs exchange-manager.properties on every node: docs/scale.md shows them",
}
