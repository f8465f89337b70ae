package report_test
import ("testing";"path/filepath";"entrepot/pipeline/report")
func TestTmp(t *testing.T){ out:=rich(t,"families","H5","as-reported"); s,err:=report.Write(t.Context(),report.Options{Out:out,Dir:filepath.Join(out,"report"),Modes:[]string{"families","H5","as-reported"}}); if err!=nil{t.Fatal(err)}; t.Logf("%+v",s)}
