package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// tagsPath is the page of the tags of sequences.
const tagsPath = "/tags"

func tagPath(id ident.Tag) string { return tagsPath + "/" + id.String() }

func (s *Server) showTags(w http.ResponseWriter, r *http.Request) error {
	tree, err := s.app.ListTags(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	v := s.view(r)
	var keys []ui.KeyHint
	if v.may(access.ManageSequences) {
		keys = []ui.KeyHint{{Key: "n", Does: "New tag"}}
	}
	return s.render(w, r, page{Title: "Tags", Keys: keys}, tagsPage(v, tree))
}

// tagForm is the state of the question for a tag's name.
type tagForm struct {
	// Of is the tag that is renamed, Below the one that a new one stands below.
	Of, Below store.Tag
	Name      string
	Problems  problems
}

func (f tagForm) action() string {
	if f.Of.ID != 0 {
		return tagPath(f.Of.ID) + "/rename"
	}
	return tagsPath
}

func (f tagForm) question() question {
	q := question{ID: "tag", Title: "New tag", Back: tagsPath}
	switch {
	case f.Of.ID != 0:
		q.Title = "Rename “" + f.Of.Name + "”"
	case f.Below.ID != 0:
		q.Title = "New tag below “" + f.Below.Path + "”"
	}
	return q
}

func (s *Server) askTag(w http.ResponseWriter, r *http.Request, status int, f tagForm) error {
	return s.ask(w, r, status, f.question(), func(q question) templ.Component { return tagBody(q, f) })
}

// tagOf gives the tag that an address or a form names; none for an empty text.
func (s *Server) tagOf(r *http.Request, id string) (store.Tag, error) {
	var tag ident.Tag
	if id == "" {
		return store.Tag{}, nil
	}
	if err := readID(id, &tag); err != nil {
		return store.Tag{}, err
	}
	return s.app.GetTag(r.Context(), actorOf(r), tag)
}

func (s *Server) showNewTag(w http.ResponseWriter, r *http.Request) error {
	above, err := s.tagOf(r, text(r, "below"))
	if err != nil {
		return err
	}
	return s.askTag(w, r, 0, tagForm{Below: above})
}

func (s *Server) createTag(w http.ResponseWriter, r *http.Request) error {
	above, err := s.tagOf(r, text(r, "below"))
	if err != nil {
		return err
	}
	f := tagForm{Below: above, Name: text(r, "name")}
	_, err = s.app.CreateTag(r.Context(), actorOf(r), above.ID, f.Name)
	return s.tagSaved(w, r, f, err)
}

func (s *Server) showRenameTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := s.tagOf(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.askTag(w, r, 0, tagForm{Of: tag, Name: tag.Name})
}

func (s *Server) renameTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := s.tagOf(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	f := tagForm{Of: tag, Name: text(r, "name")}
	_, err = s.app.RenameTag(r.Context(), actorOf(r), tag.ID, f.Name)
	return s.tagSaved(w, r, f, err)
}

// tagSaved goes back to the tree, or asks again with what is wrong.
func (s *Server) tagSaved(w http.ResponseWriter, r *http.Request, f tagForm, err error) error {
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askTag(w, r, http.StatusUnprocessableEntity, f)
	}
	return s.redirect(w, r, tagsPath)
}

func (s *Server) showDeleteTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := s.tagOf(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	tree, err := s.app.ListTags(r.Context(), actorOf(r))
	if err != nil {
		return err
	}
	below := 0
	for _, t := range tree {
		if t.Parent == tag.ID {
			below++
		}
	}
	q := question{ID: "delete-tag", Title: "Delete the tag “" + tag.Path + "”?", Back: tagsPath}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteTagBody(q, tag, below) })
}

func (s *Server) deleteTag(w http.ResponseWriter, r *http.Request) error {
	tag, err := s.tagOf(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.app.DeleteTag(r.Context(), actorOf(r), tag.ID); err != nil {
		return err
	}
	s.say(r, "The tag “"+tag.Path+"” is deleted.")
	return s.redirect(w, r, tagsPath)
}

// tagChoice is the state of the question for the tags of a sequence.
type tagChoice struct {
	Seq      action.SequenceView
	Tree     []store.Tag
	Chosen   []ident.Tag
	Problems problems
}

func (s *Server) showSequenceTags(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	c := tagChoice{Seq: seq}
	for _, t := range seq.Tags {
		c.Chosen = append(c.Chosen, t.ID)
	}
	return s.askSequenceTags(w, r, 0, c)
}

func (s *Server) askSequenceTags(w http.ResponseWriter, r *http.Request, status int, c tagChoice) (err error) {
	if c.Tree, err = s.app.ListTags(r.Context(), actorOf(r)); err != nil {
		return err
	}
	v := s.view(r)
	return s.askAbout(w, r, status, c.Seq, "sequence-tags", "Tags of “"+c.Seq.Name+"”", func(q question) templ.Component { return sequenceTagsBody(v, q, c) })
}

func (s *Server) saveSequenceTags(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	c := tagChoice{Seq: seq, Chosen: readIDs[ident.Tag](r.Form["tag"])}
	if _, err := s.app.SetSequenceTags(r.Context(), actorOf(r), seq.ID, c.Chosen); err != nil {
		var shown bool
		if c.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askSequenceTags(w, r, http.StatusUnprocessableEntity, c)
	}
	s.say(r, "Tags saved.")
	return s.redirect(w, r, sequencePath(seq.ID))
}

func (c tagChoice) has(t store.Tag) bool { return slices.Contains(c.Chosen, t.ID) }

// tagOptions are the tags for a filter, deeper ones moved in.
func tagOptions(tree []store.Tag) []ui.Option {
	options := []ui.Option{{Label: "All"}}
	for _, t := range tree {
		options = append(options, ui.Option{Value: t.ID.String(), Label: strings.Repeat("\u2003", t.Depth) + t.Name})
	}
	return options
}

// tagBadges show the tags of a sequence by their last names.
func tagBadges(tags []store.Tag) []ui.BadgeProps {
	var badges []ui.BadgeProps
	for _, t := range tags {
		badges = append(badges, ui.BadgeProps{Text: t.Name, Tone: ui.Neutral, Icon: "tag", Title: t.Path})
	}
	return badges
}

// tagMenu lists what can be done with a tag.
func tagMenu(t store.Tag) ui.MenuProps {
	m := ui.MenuProps{ID: "menu-" + t.ID.String(), Label: "Actions for " + t.Path, Icon: "dots", IconOnly: true}
	entry := func(label, icon, href string) ui.MenuEntry {
		return ui.MenuEntry{Label: label, Icon: icon, Href: href, Attrs: asks(href)}
	}
	if t.Depth < 3 {
		m.Entries = append(m.Entries, entry("New tag below", "plus", tagsPath+"/new?below="+t.ID.String()))
	}
	m.Entries = append(m.Entries, entry("Rename", "pencil", tagPath(t.ID)+"/rename"))
	gone := entry("Delete", "trash", tagPath(t.ID)+"/delete")
	gone.Danger, gone.Divider = true, true
	m.Entries = append(m.Entries, gone)
	return m
}
