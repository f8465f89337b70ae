package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"entrepot/fetch"
	"entrepot/pipeline/job"
	"entrepot/pipeline/progress"
	"github.com/schollz/progressbar/v3"
)

// progressBar shows on a terminal how far a run has come: a bar of bytes with rows
// and the time left while files are read, then one of tables. Log lines written
// through it push the bar down.
type progressBar struct {
	w     io.Writer
	lock  sync.Mutex
	bar   *progressbar.ProgressBar
	stage string
}

func (p *progressBar) Write(text []byte) (int, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear() // a bar that can't be drawn is no reason to fail
	}
	return p.w.Write(text)
}

// show draws the state; one without a stage takes the bar away. Bars are only an aid: errors in drawing them are ignored.
func (p *progressBar) show(now progress.Progress) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.stage != now.Stage {
		p.finish()
		p.stage = now.Stage
	}
	switch {
	case now.Stage == progress.Downloading && now.BytesTotal > 0:
		p.draw(now.BytesTotal, now.Bytes, "downloading", true)
	case now.Stage == string(job.StageExtract) && now.BytesTotal > 0:
		p.draw(now.BytesTotal, now.Bytes, fmt.Sprintf("reading, %d rows", now.Rows), true)
	case now.Stage == string(job.StageTransform) && now.TablesTotal > 0:
		what := "computing tables"
		if now.Query != "" {
			what = now.Query
		}
		p.draw(now.TablesTotal, now.Tables, what, false)
	}
}

// fetched draws how far a fetch has come.
func (p *progressBar) fetched(now fetch.Progress) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if now.CallsTotal == 0 {
		p.finish()
		return
	}
	p.draw(int64(now.CallsTotal)+1, int64(now.Calls), fmt.Sprintf("fetching, %d rows, %d of %s calls of a day", now.Rows, now.Used, limitText(now.PerDay)), false)
}

func (p *progressBar) draw(total, done int64, what string, bytes bool) {
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.w), progressbar.OptionShowBytes(bytes), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(65*time.Millisecond), progressbar.OptionSetWidth(24))
	}
	p.bar.Describe(what)
	_ = p.bar.Set64(min(done, total-1)) // the bar that is full takes itself for done
}

func (p *progressBar) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}

// downloaded draws how much of a file has come; nothing of it takes the bar away.
func (p *progressBar) downloaded(done, total int64) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if done == 0 || total <= 0 {
		p.finish()
		return
	}
	p.draw(total+1, done, "downloading", true)
}
