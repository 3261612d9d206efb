package mlwasm

// A component: the platform is on the other side of the generated bindings.
import (
	"errors"
	"strings"

	"mlwasm/internal/bindings/export_mlwasm_scoring_scorer"
	_ "mlwasm/internal/bindings/exports_scorer"
	"mlwasm/internal/bindings/mlwasm_scoring_scorer"
	"mlwasm/internal/component"
	"mlwasm/internal/host"
	witTypes "mlwasm/internal/wit/types"
)

func init() {
	host.Current = component.Platform{}
	component.ScoreError = scoreError
	export_mlwasm_scoring_scorer.Init = exportedInit
	export_mlwasm_scoring_scorer.Run = exportedRun
}

func exportedInit() witTypes.Result[witTypes.Unit, string] {
	defer component.CollectGarbage()
	err := errors.New("the component serves nothing: call mlwasm.Serve in an init function of package main")
	if host.Exported.Init != nil {
		err = host.Exported.Init()
	}
	if err != nil {
		return witTypes.Err[witTypes.Unit, string](textOf(err))
	}
	return witTypes.Ok[witTypes.Unit, string](witTypes.Unit{})
}

func exportedRun(asked mlwasm_scoring_scorer.Request) witTypes.Result[mlwasm_scoring_scorer.Response, mlwasm_scoring_scorer.ScoreError] {
	defer component.CollectGarbage()
	request := host.Request{
		ID: asked.Id, Deployment: asked.Deployment, IsMirror: asked.IsMirror, Query: asked.Query,
		ContentType: asked.ContentType.SomeOr(""), Body: asked.Body, Headers: make([]host.Header, len(asked.Headers)),
	}
	for at, header := range asked.Headers {
		request.Headers[at] = host.Header(header)
	}
	answer, err := host.Exported.Run(request)
	if err != nil {
		return witTypes.Err[mlwasm_scoring_scorer.Response, mlwasm_scoring_scorer.ScoreError](scoreError(err))
	}
	response := mlwasm_scoring_scorer.Response{
		Status: answer.Status, ContentType: answer.ContentType, Body: answer.Body,
		Headers: make([]mlwasm_scoring_scorer.Header, len(answer.Headers)),
	}
	for at, header := range answer.Headers {
		response.Headers[at] = mlwasm_scoring_scorer.Header(header)
	}
	return witTypes.Ok[mlwasm_scoring_scorer.Response, mlwasm_scoring_scorer.ScoreError](response)
}

func scoreError(err error) mlwasm_scoring_scorer.ScoreError {
	var mistake *BadRequestError
	if errors.As(err, &mistake) {
		return mlwasm_scoring_scorer.MakeScoreErrorBadRequest(textOf(err))
	}
	return mlwasm_scoring_scorer.MakeScoreErrorInternal(textOf(err))
}

// textOf mends what is not UTF-8, such as a client's bytes in a message: the platform refuses a call with them.
func textOf(err error) string {
	return strings.ToValidUTF8(err.Error(), "\uFFFD")
}
