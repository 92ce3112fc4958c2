// Package ui holds the design language of Cadenza's pages: templ components
// with typed props. A page is written with them alone; its own markup is
// forms and a few wrappers. Colours, spaces and sizes live in static/css as
// custom properties, in a light and a dark set.
//
// It must never see a request, a session or the database, read the clock
// (moments come as TimeProps with Now), write style attributes or inline
// script (the content security policy refuses both), or hold words other than
// those every page shares.
//
// Start at samples.go: it shows every component with its props, and
// `go test -tags browser ./internal/web/ui -storybook DIR` takes pictures of all,
// in light and dark, wide and on a phone.
//
// # Components
//
// Frame: Shell (every signed-in page; Fill for work list and designer), Plain
// (sign-in, errors), Page (padding; narrow for forms), Columns, Stack,
// PageHeader, Tabs, FlashRegion and FlashMessage (toasts; later ones by
// hx-swap-oob="beforeend:#flash"), ThemeChoice.
//
// Actions: Button (a link with Href; opens a dialog with Opens; a key with
// Key), ButtonRow, PostButton (one-button form), Menu, Dialog with
// DialogActions, ConfirmDialog.
//
// Showing: Icon, KindIcon, Avatar, Kbd, Badge, Badges, Card, Facts, Timeline,
// Stats, Progress, Time, EmptyState, Alert, CopyBox.
//
// Forms: Field (all kinds), FieldFrame (around a control of your own),
// FormGrid, FormSection, FormActions, ErrorSummary, Dropzone, Stepper,
// RichText, HiddenFields.
//
// Lists: Toolbar (search, filters, chips), Chips, Table, TableRow, BulkBar,
// Pagination.
//
// Work: SplitPane, WorkListHead, WorkList, WorkListRow, RecordHead, UpNext,
// StepList, Dialer.
//
// # Behaviour by attribute
//
// The scripts in static/js act on attributes, so that markup from htmx works
// as well: data-dialog="id" opens that dialog, a dialog with data-open opens
// when it arrives (swap into #dialogs), data-close closes it; data-key="c"
// clicks the element when the key is pressed; data-copy="id" copies;
// data-autosubmit sends a filter form as it changes; data-clock counts up;
// data-focus takes the focus; data-nojs hides what only serves without
// scripts.
package ui
