package trigger

import (
	"encoding/json"
	"fmt"
)

// DynamoDB is the trigger aws-dynamodb: how many items the first page of a query holds.
type DynamoDB struct {
	metric
	// AWS says where, and as whom.
	AWS AWS
	// TableName is the table.
	TableName string
	// IndexName is the index to query, empty for the table itself.
	IndexName string
	// KeyConditionExpression chooses the items.
	KeyConditionExpression string
	// FilterExpression drops some of them.
	FilterExpression string
	// AttributeNames are the names that the expressions use.
	AttributeNames map[string]string
	// AttributeValues are the values that the expressions use.
	AttributeValues map[string]AttributeValue
	// TargetValue is the target.
	TargetValue int64
	// ActivationTargetValue is what the number must exceed for the trigger to be active.
	ActivationTargetValue int64
}

// AttributeValue is a value of DynamoDB with its type.
type AttributeValue struct {
	// Type is S, N, B, BOOL, NULL, L or M.
	Type string
	// Text is the value of S, N and B; that of B is as written, not decoded.
	Text string
	// Bool is the value of BOOL.
	Bool bool
	// List is the value of L.
	List []AttributeValue
	// Map is the value of M.
	Map map[string]AttributeValue
}

func newDynamoDB(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &DynamoDB{
		TableName: p.need(written, "tableName"), IndexName: p.text(written, "indexName"),
		KeyConditionExpression: p.need(written, "keyConditionExpression"), FilterExpression: p.text(written, "filterExpression"),
		TargetValue: p.integer("targetValue", -1), ActivationTargetValue: p.integer("activationTargetValue", 0), AWS: p.aws(),
	}
	if text := p.need(written, "expressionAttributeNames"); text != "" {
		if json.Unmarshal([]byte(text), &t.AttributeNames) != nil || len(t.AttributeNames) == 0 {
			p.fail("metadata.expressionAttributeNames", "not a JSON object of strings")
		}
	}
	if text := p.need(written, "expressionAttributeValues"); text != "" {
		values := map[string]any{}
		if json.Unmarshal([]byte(text), &values) != nil {
			p.fail("metadata.expressionAttributeValues", "not a JSON object")
		}
		var err error
		if t.AttributeValues, err = attributeMap(values); err != nil {
			p.fail("metadata.expressionAttributeValues", "%v", err)
		}
	}
	if t.TargetValue == -1 {
		t.TargetValue = 0
		if !cfg.ScalingModifiers {
			p.missing("targetValue")
		}
	}
	return t, p.count(&t.metric, "aws-dynamodb-"+t.TableName, t.TargetValue, t.ActivationTargetValue)
}

// Read is the reading of a query's count: that of its first page alone (S5).
func (t *DynamoDB) Read(items int64) Reading { return t.Judge(float64(items)) }

func attributeMap(from map[string]any) (map[string]AttributeValue, error) {
	out := make(map[string]AttributeValue, len(from))
	for name, v := range from {
		a, err := attributeValue(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = a
	}
	return out, nil
}

// attributeValue reads a value with its type, such as {"S": "text"}. Sets are not known, and several types at once, of which
// upstream takes any one, are refused.
func attributeValue(from any) (AttributeValue, error) {
	m, ok := from.(map[string]any)
	if !ok || len(m) != 1 {
		return AttributeValue{}, wrong("not a value with one type")
	}
	var a AttributeValue
	var err error
	for kind, v := range m {
		a.Type = kind
		switch kind {
		case "S", "N", "B":
			a.Text, ok = v.(string)
		case "BOOL":
			a.Bool, ok = v.(bool)
		case "NULL":
		case "L":
			var list []any
			list, ok = v.([]any)
			for _, e := range list {
				item, fault := attributeValue(e)
				if fault != nil {
					return a, fault
				}
				a.List = append(a.List, item)
			}
		case "M":
			var inner map[string]any
			inner, ok = v.(map[string]any)
			a.Map, err = attributeMap(inner)
		default:
			return a, wrong("a type that is none of S, N, B, BOOL, NULL, L and M")
		}
	}
	if !ok {
		err = wrong("a value of another type than it says")
	}
	return a, err
}
