package objects

import (
	"net/http"
	"os"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// metadataWait is how long the machine's own service for credentials may take to answer:
// elsewhere than in a cloud there is none.
const metadataWait = time.Second

// environment finds credentials where AWS's own tools do: in variables of the environment,
// the file that they name or ~/.aws/credentials, and the role of the container or the
// machine. That there are none, as for a public bucket, is found out once.
type environment struct {
	credentials.Chain
	none bool
}

func fromEnvironment() *credentials.Credentials {
	e := &environment{Chain: credentials.Chain{Providers: []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}}}}
	if os.Getenv("AWS_EC2_METADATA_DISABLED") != "true" {
		e.Providers = append(e.Providers, &credentials.IAM{Client: &http.Client{Timeout: metadataWait}})
	}
	return credentials.New(e)
}

// RetrieveWithCredContext finds them.
func (e *environment) RetrieveWithCredContext(c *credentials.CredContext) (credentials.Value, error) {
	found, err := e.Chain.RetrieveWithCredContext(c)
	e.none = err == nil && found.AccessKeyID == ""
	return found, err
}

// Retrieve finds them.
func (e *environment) Retrieve() (credentials.Value, error) { return e.RetrieveWithCredContext(nil) }

// IsExpired tells whether they must be found anew.
func (e *environment) IsExpired() bool { return !e.none && e.Chain.IsExpired() }
