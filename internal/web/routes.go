package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/web/static"
)

// routeTable registers handlers. Those of get and post want somebody signed in; those of open do not.
type routeTable struct {
	s   *Server
	mux *http.ServeMux
}

func (t routeTable) get(path string, h handler) { t.mux.Handle("GET "+path, t.s.signedIn(h)) }

func (t routeTable) post(path string, h handler) {
	t.mux.Handle("POST "+path, t.s.limited(formLimit, t.s.signedIn(h)))
}

// upload is post for bodies of up to limit bytes.
func (t routeTable) upload(path string, limit int64, h handler) {
	t.mux.Handle("POST "+path, t.s.limited(limit, t.s.signedIn(h)))
}

func (t routeTable) open(pattern string, h handler) {
	t.mux.Handle(pattern, t.s.limited(formLimit, t.s.anybody(h)))
}

// routes is, with those below it, the list of all addresses of the pages.
func (s *Server) routes(t routeTable) {
	t.mux.Handle("GET "+static.Prefix, static.Handler())
	t.open("/", s.showMissing)

	// Signing in and set-up
	t.open("GET /{$}", s.showHome)
	t.open("GET /sign-in", s.showSignIn)
	t.open("POST /sign-in", s.signIn)
	t.open("POST /sign-out", s.signOut)
	t.open("GET /setup", s.showSetup)
	t.open("POST /setup", s.setUp)

	// The demo; the handlers answer 404 where there is none
	t.open("POST /demo/sign-in", s.demoSignIn)
	t.post("/demo/clock", s.demoMoveClock)
	t.get("/demo/mail/{id}", s.showCapturedMail)

	// What the pages hear, and what their reader is told of
	t.get("/live", s.watch)
	t.get(notificationsPath, s.showNotifications)
	t.post(notificationsPath+"/read", s.readNotifications)
	t.get(notificationsPath+"/{id}", s.openNotification)
	t.post(notificationsPath+"/{id}/read", s.readNotification)

	// Profile
	t.get("/profile", s.showProfile)
	t.post("/profile", s.saveProfile)
	t.post("/profile/work", s.saveOwnSettings)
	t.post("/profile/notifications", s.saveNotificationSettings)
	t.post("/profile/password", s.savePassword)
	t.post("/profile/tokens", s.createToken)
	t.post("/profile/calendar-feed", s.makeFeed)
	t.post("/profile/calendar-feed/revoke", s.revokeFeed)
	t.post("/profile/tokens/{id}/revoke", s.revokeToken)

	s.sequenceRoutes(t)
	s.workRoutes(t)
	s.mailRoutes(t)
	s.organisationRoutes(t)
	s.phoneRoutes(t)
}

// sequenceRoutes are the sequences and the designer.
func (s *Server) sequenceRoutes(t routeTable) {
	t.get("/sequences", s.showSequences)
	t.get("/sequences/new", s.showNewSequence)
	t.post("/sequences", s.createSequence)
	t.get("/sequences/import", s.showSequenceImport)
	t.upload("/sequences/import", sequenceFilesLimit, s.planSequenceImport)
	t.upload("/sequences/import/apply", sequencePlanLimit, s.applySequenceImport)
	t.get("/sequences/export", s.exportSequences)
	t.get("/sequences/{id}/file", s.exportSequence)
	t.get(libraryPath, s.showLibrary)
	t.get(libraryPath+"/{key}", s.showLibraryEntry)
	t.get(libraryPath+"/{key}/{template}/mail", s.showLibraryMail)
	t.get(libraryPath+"/{key}/use", s.showUseLibrary)
	t.post(libraryPath+"/{key}/use", s.useLibrary)
	t.get("/sequences/{id}", s.showDesigner)
	t.post("/sequences/{id}/check", s.checkDraft)
	t.post("/sequences/{id}/draft", s.saveDraft)
	t.get("/sequences/{id}/options", s.showOptions)
	t.post("/sequences/{id}/options", s.saveOptions)
	t.get("/sequences/{id}/discard", s.showDiscardDraft)
	t.post("/sequences/{id}/discard", s.discardDraft)
	t.get("/sequences/{id}/activate", s.showActivate)
	t.post("/sequences/{id}/activate", s.activateSequence)
	t.get("/sequences/{id}/deactivate", s.showDeactivate)
	t.post("/sequences/{id}/deactivate", s.deactivateSequence)
	t.get("/sequences/{id}/copy", s.showCopySequence)
	t.post("/sequences/{id}/copy", s.copySequence)
	t.get("/sequences/{id}/delete", s.showDeleteSequence)
	t.post("/sequences/{id}/delete", s.deleteSequence)
	t.get("/sequences/{id}/tags", s.showSequenceTags)
	t.post("/sequences/{id}/tags", s.saveSequenceTags)
	t.get("/sequences/{id}/hand-over", s.showHandOverSequence)
	t.post("/sequences/hand-over", s.handOverSequences)
	t.get("/sequences/{id}/sharing", s.showSharing)
	t.post("/sequences/{id}/sharing", s.saveSharing)
	t.post("/sequences/archive", s.archiveSequences)
	t.post("/sequences/bring-back", s.bringBackSequences)
	t.get(tagsPath, s.showTags)
	t.post(tagsPath, s.createTag)
	t.get(tagsPath+"/new", s.showNewTag)
	t.get(tagsPath+"/{id}/rename", s.showRenameTag)
	t.post(tagsPath+"/{id}/rename", s.renameTag)
	t.get(tagsPath+"/{id}/delete", s.showDeleteTag)
	t.post(tagsPath+"/{id}/delete", s.deleteTag)
	t.get("/sequences/{id}/connected", s.showConnected)
	t.get("/sequences/{id}/connect", s.showConnect)
	t.post("/sequences/{id}/connect", s.connectRecords)
	t.post("/sequences/{id}/connect/check", s.checkRecords)
	t.post("/sequences/{id}/disconnect", s.disconnectRecords)
	t.get("/sequences/{id}/preview", s.showForesight)
	t.get("/sequences/{id}/simulation", s.showSimulation)
	t.get("/sequences/{id}/figures", s.showSequenceFigures)
	t.get("/sequences/{id}/tests", s.showABTests)
	t.get("/sequences/{id}/tests/{step}/stop", s.showStopTest)
	t.post("/sequences/{id}/tests/{step}/stop", s.stopTest)
	t.get("/sequences/{id}/versions", s.showVersions)
	t.get("/sequences/{id}/versions/{number}", s.showVersion)
	t.get("/sequences/{id}/versions/compare", s.showComparison)
	t.get("/sequences/{id}/versions/{number}/restore", s.showRestore)
	t.post("/sequences/{id}/versions/{number}/restore", s.restoreVersion)
	t.post("/sequences/{id}/draft/since", s.showDraftSince)
	t.get("/sequences/{id}/moves", s.showMoves)
	t.post("/sequences/{id}/moves/preview", s.previewMoves)
	t.post("/sequences/{id}/moves", s.startMoves)
	t.get("/moves/{id}", s.showMoveRun)
	t.post("/moves/{id}/undo", s.undoMoveRun)
}

// workRoutes are the work list, the records, and connecting from their side.
func (s *Server) workRoutes(t routeTable) {
	t.get("/work", s.showWork)
	t.get("/work/rows", s.showWorkRows)
	t.post("/work/views", s.saveWorkView)
	t.post("/work/views/{id}/delete", s.deleteWorkView)
	t.get(fieldFiltersPath, s.showFieldFilters)
	t.post(fieldFiltersPath, s.saveFieldFilter)
	t.get(fieldFiltersPath+"/new", s.showNewFieldFilter)
	t.get(fieldFiltersPath+"/{id}", s.showFieldFilter)
	t.post(fieldFiltersPath+"/{id}", s.saveFieldFilter)
	t.post(fieldFiltersPath+"/{id}/delete", s.deleteFieldFilter)
	t.post(fieldFiltersPath+"-hide", s.hideFilter)
	t.post(fieldFiltersPath+"-groups/delete", s.deleteFilterGroup)
	t.post("/work/flow", s.startRun)
	t.get("/work/flow", s.showRunEnd)
	t.post("/work/flow/end", s.endRun)
	t.get("/work/{id}", s.showActivity)
	t.post("/work/{id}/unopened", s.unopenActivity)
	t.post("/work/{id}/complete", s.completeActivity)
	t.post("/work/{id}/skip", s.skipActivity)
	t.post("/work/{id}/snooze", s.snoozeActivity)
	t.post("/work/{id}/assign", s.reassignActivity)
	t.post("/work/{id}/retry", s.retryActivity)
	t.get("/work/{id}/edit", s.showEditActivity)
	t.post("/work/{id}/edit", s.editActivity)
	t.post("/work/{id}/delete", s.deleteActivity)
	t.post("/work/{id}/restore", s.restoreActivity)
	t.post("/work/{id}/draft", s.draftEmail)
	t.post("/work/{id}/thread", s.chooseThread)
	t.upload("/work/{id}/keep", filesLimit, s.keepMail)
	t.post("/work/{id}/discard", s.discardMail)
	t.upload("/work/{id}/email", filesLimit, s.sendEmail)
	t.post("/work/{id}/draft-text", s.draftText)
	t.post("/work/{id}/text", s.sendText)
	t.post("/work/text/size", s.measureText)

	// Many activities at once
	t.post("/bulk/{verb}", s.bulkWork)
	t.upload("/bulk/email", filesLimit, s.bulkMail)
	t.get("/batches", s.showBatches)
	t.get("/batches/{id}", s.showBatch)
	t.post("/batches/{id}/undo", s.undoBatch)
	t.get("/clean-up", s.showCleanUp)
	t.post("/clean-up", s.cleanUp)

	// The calendar
	t.get("/calendar", s.showCalendar)
	t.get("/calendar/{id}/move", s.showMove)
	t.post("/calendar/{id}/move", s.moveActivity)
	t.post("/calendar/{id}/undo", s.undoMove)

	// Records, and their places on sequences
	for _, k := range record.Kinds() {
		t.get(recordsPath(k), s.showRecords(k))
		t.get(recordsPath(k)+"/rows", s.showFocusRows(k))
		t.post(recordsPath(k)+"/view", s.switchView(k))
		t.get(recordsPath(k)+"/new", s.showNewRecord(k))
		t.post(recordsPath(k), s.createRecord(k))
		t.post(recordsPath(k)+"/delete", s.deleteRecords(k))
	}
	t.get(suggestPath, s.showSuggestions)
	t.get("/records/{id}", s.showRecord)
	t.get("/records/{id}/edit", s.showRecordForm)
	t.get("/records/{id}/why", s.showWhy)
	t.post("/records/{id}", s.saveRecord)
	t.post("/records/{id}/status", s.setStatus)
	t.post("/records/{id}/notes", s.addNote)
	t.get("/notes/{id}/edit", s.showEditNote)
	t.post("/notes/{id}", s.editNote)
	t.post("/notes/{id}/delete", s.deleteNote)
	t.post("/notes/{id}/restore", s.restoreNote)
	t.post("/records/{id}/follow", s.followRecord)
	t.get(meetingsPath+"/new", s.showNewMeeting)
	t.get(meetingsPath+"/suggest", s.showMeetingSuggestions)
	t.post(meetingsPath, s.bookMeeting)
	t.get("/records/{id}/activities/new", s.showNewActivity)
	t.post("/records/{id}/activities", s.createActivity)
	t.get("/records/{id}/connect", s.showConnectRecord)
	t.post("/connect/choose", s.chooseSequence)
	t.post("/connect/check", s.checkConnect)
	t.post("/connect", s.connectChosen)
	t.post("/disconnect/choose", s.chooseDisconnect)
	t.post("/disconnect", s.disconnectChosen)
	t.get("/enrollments/{id}", s.showEnrollment)
	s.enrollmentRoutes(t)
}

// mailRoutes are the templates, the mailboxes and the outbox.
func (s *Server) mailRoutes(t routeTable) {
	t.get("/templates", s.showTemplates)
	t.get("/templates/new", s.showNewTemplate)
	t.get("/templates/fields", s.showMergeFields)
	t.get("/templates/records", s.findPreviewRecords)
	t.get("/templates/frame", s.showEmptyMail)
	t.post("/templates/preview", s.previewTemplate)
	t.upload("/templates", filesLimit, s.createTemplate)
	t.get("/templates/{id}", s.showTemplate)
	t.upload("/templates/{id}", filesLimit, s.saveTemplate)
	t.get("/templates/{id}/mail", s.showTemplateMail)
	t.upload("/templates/test", filesLimit, s.sendTest)
	t.get("/outbox/{id}/test", s.showTestState)
	t.upload("/templates/{id}/test", filesLimit, s.sendTest)
	t.get("/templates/{id}/uses", s.showTemplateUses)
	t.post("/templates/{id}/adopt", s.adoptTemplate)
	t.get("/templates/{id}/figures", s.showTemplateFigures)
	t.get("/templates/{id}/versions", s.showTemplateVersions)
	t.get("/templates/{id}/versions/{number}", s.showTemplateVersion)
	t.get("/templates/{id}/versions/{number}/mail", s.showTemplateVersionMail)
	t.post("/templates/{id}/versions/{number}/restore", s.restoreTemplate)
	t.post("/templates/{id}/copy", s.copyTemplate)
	t.get("/templates/{id}/delete", s.showDeleteTemplate)
	t.post("/templates/{id}/delete", s.deleteTemplate)

	t.get("/snippets", s.showSnippets)
	t.get("/snippets/new", s.showNewSnippet)
	t.get("/snippets/pick", s.pickSnippet)
	t.post("/snippets", s.createSnippet)
	t.get("/snippets/{id}", s.showSnippet)
	t.post("/snippets/{id}", s.saveSnippet)
	t.get("/snippets/{id}/delete", s.showDeleteSnippet)
	t.post("/snippets/{id}/delete", s.deleteSnippet)

	// Files that go with mail
	t.get("/files", s.showFiles)
	t.upload("/files", filesLimit, s.uploadFiles)
	t.upload("/files/attach", filesLimit, s.attachFiles)
	t.get("/files/{id}/content", s.downloadFile)
	t.get("/files/{id}/delete", s.showDeleteFile)
	t.post("/files/{id}/delete", s.deleteFile)

	// Mailboxes and the outbox
	t.get("/mailboxes", s.showMailboxes)
	t.get(action.ConsentPath, s.mailboxConnected)
	t.get("/mailboxes/{user}", s.showMailbox)
	t.post("/mailboxes/{user}/connect", s.connectMailbox)
	t.post("/mailboxes/{user}", s.saveMailbox)
	t.post("/mailboxes/{user}/test", s.testMailbox)
	t.post("/mailboxes/{user}/pause", s.pauseMailbox)
	t.get("/mailboxes/{user}/pace", s.showPace)
	t.post("/mailboxes/{user}/pace", s.savePace)
	t.get("/mailboxes/{user}/delete", s.showDeleteMailbox)
	t.post("/mailboxes/{user}/delete", s.deleteMailbox)
	t.get(suppressionsPath, s.showSuppressions)
	t.post(suppressionsPath, s.addSuppression)
	t.get(suppressionsPath+"/export.csv", s.exportSuppressions)
	t.upload(suppressionsPath+"/import", suppressionFileLimit, s.importSuppressions)
	t.get(suppressionsPath+"/{id}/remove", s.showRemoveSuppression)
	t.post(suppressionsPath+"/{id}/remove", s.removeSuppression)
	t.get("/domains/{domain}", s.showDomain)
	t.post("/domains/{domain}/check", s.checkDomain)
	t.post("/domains/{domain}/key", s.saveDKIMKey)
	t.post("/domains/{domain}/signing", s.switchSigning)
	t.get("/domains/{domain}/delete-key", s.showDeleteDKIMKey)
	t.post("/domains/{domain}/delete-key", s.deleteDKIMKey)
	t.get("/outbox", s.showOutbox)
	t.post("/outbox/release", s.releaseSending)
	t.get("/outbox/{id}", s.showMessage)
	t.get("/outbox/{id}/mail", s.showMessageMail)
	t.post("/outbox/{id}/settle", s.settleMessage)
	t.post("/outbox/{id}/send-now", s.sendMessageNow)
	t.get("/outbox/{id}/time", s.showSendTime)
	t.post("/outbox/{id}/time", s.saveSendTime)
	t.post("/outbox/{id}/take-back", s.takeBackMessage)
	t.post("/outbox/{id}/hits/{hit}/count", s.countHit)
	t.get("/received/{id}", s.showReceived)
	t.get("/received/{id}/mail", s.showReceivedMail)
}

// organisationRoutes are the imports, the users and the settings.
func (s *Server) organisationRoutes(t routeTable) {
	t.get("/imports", s.showImports)
	t.get("/imports/new", s.showNewImport)
	t.upload("/imports", importLimit, s.uploadImport)
	t.get("/imports/{id}", s.showImport)
	t.post("/imports/{id}/columns", s.saveImportColumns)
	t.post("/imports/{id}/start", s.startImport)
	t.post("/imports/{id}/cancel", s.cancelImport)
	t.get("/imports/{id}/refused.csv", s.downloadRefused)

	// The organisation
	t.get(teamsPath, s.showTeams)
	t.post(teamsPath, s.createTeam)
	t.get(teamsPath+"/new", s.showNewTeam)
	t.get(teamsPath+"/{id}/change", s.showChangeTeam)
	t.post(teamsPath+"/{id}", s.changeTeam)
	t.get(teamsPath+"/{id}/delete", s.showDeleteTeam)
	t.post(teamsPath+"/{id}/delete", s.deleteTeam)
	t.get("/users", s.showUsers)
	t.get("/users/new", s.showNewUser)
	t.post("/users", s.createUser)
	t.get("/users/{id}", s.showUser)
	t.post("/users/{id}", s.saveUser)
	t.post("/users/{id}/password", s.setUserPassword)
	t.get("/settings", s.showSettings)
	t.post("/settings", s.saveSettings)
	s.workTimeRoutes(t)
	t.get(workSettingsPath, s.showWorkSettings)
	t.post(workSettingsPath, s.saveWorkSettings)
	t.get(sendingPath, s.showSending)
	t.post(sendingPath, s.saveSending)
	t.get(providersPath, s.showProviders)
	t.post(providersPath, s.saveProvider)
	t.get(textsPath, s.showTextProvider)
	t.post(textsPath, s.saveTextProvider)
	t.post(textsPath+"/test", s.testText)
	t.get(textsPath+"/delete", s.showDeleteTextProvider)
	t.post(textsPath+"/delete", s.deleteTextProvider)
	t.get(optOutPath, s.showOptOut)
	t.post(optOutPath, s.saveOptOut)
	t.get(outcomesPath, s.showOutcomes)
	t.post(outcomesPath, s.saveOutcomes)
	t.get(meetingOutcomesPath, s.showOutcomes)
	t.post(meetingOutcomesPath, s.saveOutcomes)
}

// workTimeRoutes are the team, working hours, time off and holidays.
func (s *Server) workTimeRoutes(t routeTable) {
	t.get("/availability", s.showTeam)
	t.get("/users/{id}/working-time", s.showWorkTime)
	t.post("/users/{id}/working-time", s.saveWorkTime)
	t.post("/users/{id}/time-off", s.addTimeOff)
	t.post("/users/{id}/take-back", s.takeBack)
	t.get("/time-off/{id}", s.showTimeOff)
	t.post("/time-off/{id}", s.saveTimeOff)
	t.post("/time-off/{id}/delete", s.deleteTimeOff)
	t.post("/time-off/{id}/hand-over", s.handOverOpen)
	t.get(holidaysPath, s.showHolidays)
	t.post(holidaysPath, s.saveHolidayRegion)
	t.post(holidaysPath+"/days", s.addHoliday)
	t.post(holidaysPath+"/days/import", s.importHolidays)
	t.post(holidaysPath+"/days/{id}/delete", s.deleteHoliday)
}

// phoneRoutes are the calls of the softphone. The dock's script is who asks.
func (s *Server) phoneRoutes(t routeTable) {
	t.get("/phone/events", s.phoneEvents)
	t.post("/phone/calls", s.startCall)
	t.post("/phone/calls/{id}/answer", s.answerCall)
	t.post("/phone/calls/{id}/hang-up", s.hangUp)
	t.post("/phone/calls/{id}/keys", s.pressKeys)
	t.post("/phone/calls/{id}/hold", s.holdCall)
	t.get("/phone/calls/{id}/outcome", s.showCallOutcome)
	t.post("/phone/calls/{id}/outcome", s.logCall)
	t.get(trunkPath, s.showTrunk)
	t.post(trunkPath, s.saveTrunk)
	t.post(trunkPath+"/test", s.testTrunk)
	t.get(trunkPath+"/delete", s.showDeleteTrunk)
	t.post(trunkPath+"/delete", s.deleteTrunk)
}
