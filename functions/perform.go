package functions

import "context"

// perform asks the upstream within the Function's timeout.
func (s *Set) perform(ctx context.Context, p *prepared) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.function.config.Timeout)
	defer cancel()
	answer, err := s.send(ctx, p)
	if err != nil {
		return nil, asRefusal(ctx, err)
	}
	return answer, nil
}

// send reads the values, renders the request and sends it.
func (s *Set) send(ctx context.Context, p *prepared) (*Answer, error) {
	carried := distinct(p.references)
	values, err := s.values(ctx, carried, p.call.owner())
	if err != nil {
		return nil, err
	}
	arguments := &live{document: p.document, index: s.index, values: values}
	request, err := p.function.render(arguments)
	if err != nil {
		return nil, err
	}
	request.Client = p.call.client()
	request.Hide = append(request.Hide, p.function.hidden...)
	request.Hide = append(request.Hide, arguments.parts...)
	request.carry(carried, values)
	return s.options.Sender.Send(ctx, request)
}

func isOK(status int) bool { return status >= 200 && status <= 299 }
