package runlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

const (
	// lineagePath is where servers take events, when the URL has no path of its own.
	lineagePath = "/api/v1/lineage"
	// lineageWait is how long a server may take to answer. An event must not hold up a run,
	// or its end.
	lineageWait = 1500 * time.Millisecond
)

// lineageURL is where a server takes events.
func lineageURL(server string) (string, error) {
	parsed, err := url.Parse(server)
	if err != nil {
		return "", errors.New("it is no address of a server")
	}
	if parsed.Path == "" || parsed.Path == "/" {
		parsed.Path = lineagePath
	}
	return parsed.String(), nil
}

// send sends an event. The last one of a run is sent again once when that fails.
func send(to, kind string, event []byte) error {
	address, err := lineageURL(to)
	if err != nil {
		return err
	}
	err = post(address, event)
	if err != nil && (kind == "COMPLETE" || kind == "FAIL") {
		err = post(address, event)
	}
	return err
}

func post(address string, event []byte) (err error) {
	request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(event)) //nolint:noctx // the client has a limit
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if key := os.Getenv("OPENLINEAGE_API_KEY"); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	client := http.Client{Timeout: lineageWait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode >= http.StatusMultipleChoices {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 200)) // only to say why
		return fmt.Errorf("%s answered %s: %.200q", request.URL.Host, answer.Status, said)
	}
	return nil
}
