package action

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/attachment"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// UploadFile takes a file that is to go with mail, after a look at what it holds. The same file uploaded again is the same
// one. What is never attached to anything is deleted after a day.
func (a *App) UploadFile(ctx context.Context, actor access.Actor, name string, r io.Reader) (store.File, error) {
	if err := may(actor, access.UseFiles); err != nil {
		return store.File{}, err
	}
	content, err := io.ReadAll(io.LimitReader(r, attachment.SizeMax+1))
	if err != nil {
		return store.File{}, err
	}
	if len(content) > attachment.SizeMax {
		return store.File{}, attachment.TooLarge(name)
	}
	good, err := attachment.Check(name, content)
	if err != nil {
		return store.File{}, err
	}
	staged, err := a.db.Stage(content)
	if err != nil {
		return store.File{}, err
	}
	defer staged.Discard()
	return change(ctx, a, func(tx *store.Tx) (store.File, error) {
		f, err := tx.InsertFile(store.File{Name: good.Name, Type: good.Type, User: actor.ID}, staged)
		if err != nil {
			return store.File{}, err
		}
		return f, tx.Audit(actor.ID, "upload", "file", int64(f.ID), f.Name)
	})
}

// ListFiles gives one page of files, newest first, each with the templates that have it.
func (a *App) ListFiles(ctx context.Context, actor access.Actor, search, cursor string, limit int) (store.Page[store.File], error) {
	if err := may(actor, access.UseFiles); err != nil {
		return store.Page[store.File]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.File], error) {
		p, err := tx.ListFiles(clean(search), cursor, limit)
		if err != nil {
			return p, err
		}
		return p, tellTemplates(tx, p.Rows)
	})
}

func tellTemplates(tx *store.Tx, list []store.File) error {
	templates, err := tx.TemplatesOfFiles()
	for i := range list {
		list[i].Templates = templates[list[i].ID]
	}
	return err
}

// GetFile gives one file.
func (a *App) GetFile(ctx context.Context, actor access.Actor, id ident.File) (store.File, error) {
	if err := may(actor, access.UseFiles); err != nil {
		return store.File{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.File, error) {
		f, err := tx.GetFile(id)
		if err != nil {
			return store.File{}, err
		}
		list := []store.File{f}
		return list[0], tellTemplates(tx, list)
	})
}

// Files gives those of some files that are there, in the order of their ids.
func (a *App) Files(ctx context.Context, actor access.Actor, ids []ident.File) ([]store.File, error) {
	if err := may(actor, access.UseFiles); err != nil || len(ids) == 0 {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.File, error) { return presentFiles(tx, ids) })
}

func presentFiles(tx *store.Tx, ids []ident.File) ([]store.File, error) {
	list, err := tx.FilesByID(ids)
	return slices.DeleteFunc(list, func(f store.File) bool { return f.Deleted }), err
}

// OpenFile opens a file for a user. That is no download: only what customers fetch counts.
func (a *App) OpenFile(ctx context.Context, actor access.Actor, id ident.File) (store.File, io.ReadSeekCloser, error) {
	f, err := a.GetFile(ctx, actor, id)
	if err != nil {
		return store.File{}, nil, err
	}
	content, err := a.db.OpenFile(ctx, f)
	return f, content, err
}

// DeleteFile deletes a file that no template has and no waiting mail goes with. Links to it in mails that are out say from
// then on that it is no longer there.
func (a *App) DeleteFile(ctx context.Context, actor access.Actor, id ident.File) error {
	if err := may(actor, access.UseFiles); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		f, err := tx.GetFile(id)
		if err != nil {
			return err
		}
		if err := mayOn(actor, access.UseFiles, f.User); err != nil {
			return err
		}
		templates, waiting, err := tx.FileUse(id)
		switch {
		case err != nil:
			return err
		case len(templates) > 0:
			return fault.New(fault.Conflict, "The file %s goes with the template %s.", f.Name, strings.Join(templates, ", ")).WithHint("Take it out there first.")
		case waiting > 0:
			return fault.New(fault.Conflict, "%d emails wait to be sent with the file %s.", waiting, f.Name).WithHint("Delete it when they are sent.")
		}
		if err := tx.DeleteFile(f); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "file", int64(id), f.Name)
	})
}

// checkFiles looks whether files can go with one mail, and gives them.
func checkFiles(tx *store.Tx, ids []ident.File) ([]store.File, error) {
	ids = distinct(ids)
	if len(ids) > attachment.CountMax {
		return nil, fault.Field("files", "too_many", fmt.Sprintf("At most %d files go with an email.", attachment.CountMax))
	}
	list, err := presentFiles(tx, ids)
	if err != nil {
		return nil, err
	}
	if len(list) < len(ids) {
		return nil, fault.Field("files", "not_found", "A file is not there any more. Take it out, or add it again.")
	}
	var total int64
	for _, f := range list {
		total += f.Size
	}
	if total > attachment.TotalMax {
		return nil, fault.Field("files", "too_large", fmt.Sprintf("The files have %s together; at most %d MB go with an email.", attachment.SizeText(total), attachment.TotalMax>>20))
	}
	return list, nil
}

// attachable checks the files of a template, and gives them each once.
func attachable(tx *store.Tx, files store.FileList) (store.FileList, error) {
	list, err := checkFiles(tx, files.IDs())
	return store.ListOfFiles(idsOfFiles(list)), err
}

func idsOfFiles(list []store.File) []ident.File {
	var ids []ident.File
	for _, f := range list {
		ids = append(ids, f.ID)
	}
	return ids
}
