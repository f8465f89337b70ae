package trino

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

	client "github.com/trinodb/trino-go-client/trino"
)

// Failure is why a statement failed.
type Failure struct {
	Step    string // what was being done, such as "table partner_sums"
	Query   string // the id of the query; "" when there was none
	Name    string // the server's name of the error, such as EXCEEDED_TIME_LIMIT, or one of this package
	Message string // what the server said
	Advice  string // the way out; "" when there is none to tell
	MayPass bool   // whether the same statement may succeed another time
	Err     error
}

// Names of failures that the server has no name for.
const (
	unreachable    = "UNREACHABLE"
	unknownHost    = "UNKNOWN_HOST"
	untrusted      = "UNTRUSTED_CERTIFICATE"
	noTLS          = "NO_TLS"
	wrongLogin     = "AUTHENTICATION_FAILED"
	forbidden      = "FORBIDDEN"
	lostQuery      = "QUERY_LOST"
	notTrino       = "NOT_TRINO"
	wrongConnector = "WRONG_CONNECTOR"
	lakeFull       = "LAKE_FULL"
)

func (f *Failure) Error() string {
	text := "trino: " + f.Step
	if f.Query != "" {
		text += ": query " + f.Query
	}
	text += ": " + f.Message
	if f.Name != "" {
		text += " (" + f.Name + ")"
	}
	if f.Advice != "" {
		text += "; " + f.Advice
	}
	return text
}

func (f *Failure) Unwrap() error { return f.Err }

// isNamed tells whether an error is a failure with this name.
func isNamed(err error, name string) bool {
	var failure *Failure
	return errors.As(err, &failure) && failure.Name == name
}

// failureOf reads an error of the client.
func failureOf(step, query string, err error) *Failure {
	f := &Failure{Step: step, Query: query, Message: firstLine(err.Error()), Err: err}
	var said *client.ErrTrino
	var refused *client.ErrQueryFailed
	switch {
	case errors.As(err, &said):
		f.Name, f.Message, f.MayPass = said.ErrorName, firstLine(said.Message), mayPass(said)
		if full := fullDisk(said); full != "" {
			f.Name, f.Message, f.MayPass = lakeFull, full, false
		}
	case errors.Is(err, context.Canceled), errors.Is(err, client.ErrQueryCancelled):
		f.Name, f.Message = "USER_CANCELED", "cancelled"
	case errors.As(err, &refused) && refused.StatusCode != 0 && refused.StatusCode != http.StatusOK:
		f.Name, f.Message, f.MayPass = byStatus(query, refused)
	default:
		f.Name, f.MayPass = byNetwork(query, err)
		if refused != nil {
			f.Message = firstLine(refused.Reason.Error())
		}
	}
	f.Advice = advice[f.Name]
	if f.Name == "NOT_SUPPORTED" && strings.Contains(f.Message, "non-managed") {
		f.Advice = "the catalog needs hive.non-managed-table-writes-enabled=true; docs/scale.md shows its properties"
	}
	return f
}

// lasting are internal errors of the server that come again when the statement does.
var lasting = []string{"COMPILER_ERROR", "FUNCTION_IMPLEMENTATION_ERROR", "FUNCTION_IMPLEMENTATION_MISSING", "CONFIGURATION_INVALID",
	"EXCHANGE_MANAGER_NOT_CONFIGURED", "OUT_OF_SPILL_SPACE", "HIVE_BAD_DATA", "HIVE_SCHEMA_NOT_FOUND"}

// passing are limits that a statement met because of others.
var passing = []string{"QUERY_QUEUE_FULL", "CLUSTER_OUT_OF_MEMORY", "ADMINISTRATIVELY_PREEMPTED", "NO_NODES_AVAILABLE"}

func mayPass(said *client.ErrTrino) bool {
	switch said.ErrorType {
	case "INTERNAL_ERROR", "EXTERNAL":
		return !slices.Contains(lasting, said.ErrorName)
	}
	return slices.Contains(passing, said.ErrorName)
}

// fullDisk is what the server said of a disk or a store without room, deep in its causes.
func fullDisk(said *client.ErrTrino) string {
	texts := []string{said.Message}
	for cause := &said.FailureInfo; cause != nil; cause = cause.Cause {
		texts = append(texts, cause.Message)
	}
	for _, text := range texts {
		for _, words := range []string{"no space left", "quota", "storagefull", "minimum free drive threshold"} {
			if strings.Contains(strings.ToLower(text), words) {
				return firstLine(text)
			}
		}
	}
	return ""
}

// byStatus reads an answer that is no answer to a statement.
func byStatus(query string, refused *client.ErrQueryFailed) (name, message string, passes bool) {
	message = fmt.Sprintf("the server answers %d %s", refused.StatusCode, http.StatusText(refused.StatusCode))
	if said := firstLine(refused.Reason.Error()); said != "" && !strings.HasPrefix(said, "<") {
		message += ": " + said
	}
	switch refused.StatusCode {
	case http.StatusUnauthorized:
		return wrongLogin, message, false
	case http.StatusForbidden:
		return forbidden, message, false
	case http.StatusNotFound, http.StatusGone:
		if query != "" {
			return lostQuery, message, true
		}
		return notTrino, message, false
	}
	return unreachable, message, refused.StatusCode >= http.StatusInternalServerError || refused.StatusCode == http.StatusTooManyRequests
}

// byNetwork reads an error of the line to the server.
func byNetwork(query string, err error) (name string, passes bool) {
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var dns *net.DNSError
	switch {
	case errors.As(err, &unknown), errors.As(err, &hostname), errors.As(err, &invalid):
		return untrusted, false
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return noTLS, false
	case errors.As(err, &dns) && dns.IsNotFound:
		return unknownHost, false
	case errors.Is(err, context.DeadlineExceeded) && query != "":
		return "EXCEEDED_TIME_LIMIT", false
	case errors.Is(err, syscall.ECONNREFUSED) && query == "":
		return unreachable, false
	}
	return unreachable, true
}

// firstLine is the first line of what the server said, at most 400 characters of it.
func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if runes := []rune(text); len(runes) > 400 {
		text = string(runes[:400]) + "…"
	}
	return text
}
