package aws

import (
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// maxBody is how many bytes an answer may have.
const maxBody = 4 << 20

// bounded sends requests and lets no answer grow without end, nor come from a host that was not asked: a signed request was
// meant for one host.
type bounded struct {
	client aws.HTTPClient
}

// Do sends a request.
func (b bounded) Do(request *http.Request) (*http.Response, error) {
	host := request.URL.Host
	response, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.Request != nil && response.Request.URL != nil && response.Request.URL.Host != host {
		response.Body.Close()
		return nil, fmt.Errorf("%w: redirected to another host", ErrUnreachable)
	}
	response.Body = &boundedBody{response.Body, maxBody}
	return response, nil
}

// boundedBody fails once more has been read than may be.
type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, maxBody)
	}
	return n, err
}
