package trino

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// exec runs a statement once.
func (e *Engine) exec(ctx context.Context, step string, attempt int, text string) (Query, error) {
	w := e.watch(step, attempt)
	_, err := e.db.ExecContext(w.under(ctx), text, e.marks(step)...)
	if err != nil {
		return Query{}, e.failed(ctx, w, err)
	}
	return w.cost(), nil
}

// strings runs a query once that gives one column of text.
func (e *Engine) strings(ctx context.Context, step, text string) (found []string, err error) {
	w := e.watch(step, 1)
	rows, err := e.db.QueryContext(w.under(ctx), text, e.marks(step)...)
	if err != nil {
		return nil, e.failed(ctx, w, err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, e.failed(ctx, w, err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		return nil, e.failed(ctx, w, err)
	}
	return found, nil
}

func (e *Engine) watch(step string, attempt int) *watch {
	return &watch{tell: e.config.Progress, base: Progress{Step: step, Attempt: attempt, Attempts: e.config.Retries + 1}}
}

// marks let the server's own pages show which step of which run a query is.
func (e *Engine) marks(step string) []any {
	return []any{sql.Named("X-Trino-Client-Info", step), sql.Named("X-Trino-Trace-Token", "entrepot-"+e.run)}
}

// retried does something again, after a pause, as long as it fails for a reason that may
// pass.
func (e *Engine) retried(ctx context.Context, what func(attempt int) error) error {
	pause := e.pause
	for attempt := 1; ; attempt++ {
		err := what(attempt)
		var failure *Failure
		if err == nil || attempt > e.config.Retries || !errors.As(err, &failure) || !failure.MayPass {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// failed is why a statement failed. Where it was not the server that ended it, the server
// is told to.
func (e *Engine) failed(ctx context.Context, w *watch, err error) error {
	failure := failureOf(w.base.Step, w.page().ID, err)
	if ctx.Err() != nil {
		failure.Name, failure.Message, failure.Advice, failure.MayPass = "USER_CANCELED", "cancelled", "", false
	}
	if w.page().NextURI == "" { // it had ended, or never begun
		return failure
	}
	if err := e.stop(ctx, w.page().NextURI); err != nil {
		failure.Message += fmt.Sprintf(", and whether the server has ended the query is not known: %v", err)
		failure.Advice = fmt.Sprintf("if it still runs, end it with CALL system.runtime.kill_query(query_id => '%s')", failure.Query)
	} else if ctx.Err() != nil {
		failure.Message += ", and the server has ended the query"
	}
	return failure
}

// stop cancels a query on the server, and returns when it has ended there. It takes the way
// of the statement itself, which needs no right to see queries.
func (e *Engine) stop(ctx context.Context, next string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.patience)
	defer cancel()
	if _, _, err := e.ask(ctx, http.MethodDelete, next); err != nil {
		return err
	}
	for {
		status, w, err := e.ask(ctx, http.MethodGet, next)
		if err != nil {
			return err
		}
		if w.ended(status) {
			return nil
		}
		if p := w.page(); p.NextURI != "" {
			next = p.NextURI
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s after it was told to, the server answers %d %s", e.patience, status, w.body)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// ask sends a request about a query, with what lets this user in.
func (e *Engine) ask(ctx context.Context, method, uri string) (status int, w *watch, err error) {
	w = &watch{}
	request, err := http.NewRequestWithContext(w.under(ctx), method, uri, nil)
	if err != nil {
		return 0, nil, err
	}
	e.server.authorize(request)
	response, err := e.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	w.body = firstLine(string(body))
	return response.StatusCode, w, err
}

func (s server) authorize(request *http.Request) {
	if name := s.user.Username(); name != "" {
		request.Header.Set("X-Trino-User", name)
	}
	if password, has := s.user.Password(); has {
		request.SetBasicAuth(s.user.Username(), password)
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
}
