package record

// Behind says whether packets wait that the recorder has not come to: its goroutine takes the word that there are some when it
// has taken all before them.
func (r *Recorder) Behind() bool { return len(r.backlog.Wake()) > 0 && !r.Ended() }
