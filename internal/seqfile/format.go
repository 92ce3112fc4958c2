package seqfile

import (
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"

	"cadenza/internal/flow"
)

// Format writes a sequence as YAML, one step per block. Parse(Format(s)) is s.
func Format(s flow.Sequence) ([]byte, error) { return encode(node(flow.Tree(s))) }

// FormatFor is Format with a first line that tells editors where the schema is (ADR 0054).
func FormatFor(s flow.Sequence, schema string) ([]byte, error) {
	text, err := Format(s)
	if err != nil {
		return nil, err
	}
	return append([]byte("# yaml-language-server: $schema="+schema+"\n"), text...), nil
}

// node builds YAML by hand, because the order of keys is that of flow.Tree.
func node(v any) *yaml.Node {
	switch t := v.(type) {
	case flow.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, e := range t {
			n.Content = append(n.Content, node(e.Key), node(e.Value))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, e := range t {
			n.Content = append(n.Content, node(e))
		}
		return n
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(t)}
	case float64:
		tag := "!!float"
		if t == math.Trunc(t) {
			tag = "!!int" // as a float it would be written with its tag
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: strconv.FormatFloat(t, 'f', -1, 64)}
	case string:
		n := &yaml.Node{}
		n.SetString(t)
		return n
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}
