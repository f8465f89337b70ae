package main

import (
	"fmt"
	"strings"

	"entrepot/pipeline/config"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width to which help is wrapped.
const helpWidth = 100

// groupKey is the annotation of a flag that names its group in help. A flag without
// it belongs to its command.
const groupKey = "group"

func inGroup(flag *pflag.Flag, group config.Group) {
	flag.Annotations = map[string][]string{groupKey: {string(group)}}
}

// showUsage prints how a command is used: its form, examples, commands, and its
// flags, those that a newcomer needs before the others.
func showUsage(c *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if c.Runnable() {
		fmt.Fprintf(&b, "  %s\n", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", c.CommandPath())
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Example)
	}
	for _, group := range c.Groups() {
		listCommands(&b, c, group.ID, group.Title)
	}
	listCommands(&b, c, "", "Commands")
	c.Flags().SortFlags = false // they were added in an order that means something
	listFlags(&b, c.LocalFlags())
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n'%s COMMAND --help' tells more about a command.\n", c.CommandPath())
	}
	_, err := fmt.Fprint(c.OutOrStdout(), b.String())
	return err
}

func listCommands(b *strings.Builder, c *cobra.Command, group, title string) {
	for _, sub := range c.Commands() {
		if sub.GroupID != group || !sub.IsAvailableCommand() && sub.Name() != "help" {
			continue
		}
		if title != "" {
			fmt.Fprintf(b, "\n%s:\n", title)
			title = ""
		}
		fmt.Fprintf(b, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
	}
}

// listFlags prints flags under the headings of their groups. A command whose only
// settings are the most used ones has too few flags for headings.
func listFlags(b *strings.Builder, flags *pflag.FlagSet) {
	groups := map[string][]*pflag.Flag{}
	flags.SortFlags = false
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			groups[groupOf(f)] = append(groups[groupOf(f)], f)
		}
	})
	order := []string{string(config.First), ""}
	for _, g := range config.Groups() {
		if g != config.First {
			order = append(order, string(g))
		}
	}
	titled := len(groups) > 2
	if !titled {
		b.WriteString("\nFlags:\n")
	}
	for _, group := range order {
		if len(groups[group]) == 0 {
			continue
		}
		if titled {
			fmt.Fprintf(b, "\n%s:\n", heading(group))
		}
		for _, f := range groups[group] {
			describeFlag(b, f)
		}
	}
}

func groupOf(f *pflag.Flag) string {
	if names := f.Annotations[groupKey]; len(names) > 0 {
		return names[0]
	}
	return ""
}

func heading(group string) string {
	if group == "" {
		return "Of this command"
	}
	return group
}

// describeFlag prints a flag with the kind of its value and what it does. A switch
// has no value.
func describeFlag(b *strings.Builder, f *pflag.Flag) {
	const column = 34 // where the descriptions begin
	line := "      --" + f.Name
	if f.Shorthand != "" {
		line = "  -" + f.Shorthand + ", --" + f.Name
	}
	if kind := kindOf(f); kind != "" {
		line += " " + kind
	}
	text := f.Usage
	switch f.DefValue {
	case "", "0", "[]", "false":
	default:
		text += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	for _, part := range wrap(text, helpWidth-column) {
		if len(line) >= column {
			b.WriteString(line + "\n")
			line = ""
		}
		fmt.Fprintf(b, "%-*s%s\n", column, line, part)
		line = ""
	}
}

func kindOf(f *pflag.Flag) string {
	switch kind := f.Value.Type(); kind {
	case "bool":
		return ""
	case "int", "uint", "float64":
		return "number"
	case "stringSlice":
		return "list"
	case "string", "stringArray":
		return "value"
	default:
		return kind
	}
}

// wrap breaks a text at its spaces into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
