package address

import "context"

// Check says whether any address of the host may be reached, without dialling it.
func (p Policy) Check(ctx context.Context, host string) error {
	_, err := p.resolve(ctx, host)
	return err
}
