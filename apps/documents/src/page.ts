import { html } from 'hono/html'

import { documentTypeCodes, documentTypes, type DocumentType } from './document-types.ts'
import { mediaTypes } from './media-type.ts'
import type { DocumentOnFile } from './read-documents.ts'
import type { User } from './tables.ts'
import { fileLimit } from './upload.ts'

type Html = ReturnType<typeof html>

export interface PageContent {
  readonly users: readonly User[]
  /** The chosen user, if there is one. */
  readonly user: User | undefined
  /** What that user has on file. */
  readonly documents: readonly DocumentOnFile[]
}

/** The page. All values are escaped by `html`. */
export function renderPage({ users, user, documents }: PageContent): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${user ? `${user.name} · ` : ''}Documents</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/page.css" />
        <script type="module" src="/page.js"></script>
      </head>
      <body data-file-limit="${fileLimit}">
        <header>
          <h1>Documents</h1>
          <p>
            One identity card of each type for a user, however many requests come at once. The database sees
            to it.
          </p>
        </header>
        <noscript
          ><p class="notice">To upload, replace or remove files, this page needs JavaScript.</p></noscript
        >
        <main>
          ${userPicker(users, user)}
          ${user ? desk(user, documents) : html`<p class="notice">There is no such user. Choose another.</p>`}
          ${comparison()}
        </main>
        <p id="status" class="visually-hidden" role="status"></p>
        ${removeDialog()}
      </body>
    </html>`
}

function userPicker(users: readonly User[], chosen: User | undefined): Html {
  return html` <section class="users" aria-label="Users">
    <form method="get" action="/" id="choose-user">
      <label for="user">User</label>
      <select id="user" name="user" autocomplete="off">
        ${chosen ? '' : html`<option value="" selected disabled>Choose a user</option>`}
        ${users.map(
          ({ id, name }) =>
            html`<option value="${id}" ${id === chosen?.id ? 'selected' : ''}>${name}</option>`,
        )}
      </select>
      <noscript><button>Show</button></noscript>
    </form>
    <form id="add-user">
      <label for="name">New user</label>
      <input id="name" name="name" required maxlength="80" autocomplete="off" placeholder="Name" />
      <button>Add</button>
      <p class="error" role="alert" hidden></p>
    </form>
  </section>`
}

function desk(user: User, documents: readonly DocumentOnFile[]): Html {
  return html` <div class="desk">
    <section id="on-file" aria-labelledby="on-file-title">
      <h2 id="on-file-title" tabindex="-1">On file for ${user.name}</h2>
      ${documentTypeCodes.map((type) =>
        typeSection(
          type,
          documents.filter(({ documentType }) => documentType === type),
        ),
      )}
    </section>
    ${uploadForm(user)}
  </div>`
}

function typeSection(type: DocumentType, documents: readonly DocumentOnFile[]): Html {
  const { name, perUser } = documentTypes[type]
  return html` <section class="type" aria-labelledby="type-${type}">
    <h3 id="type-${type}">${name} <small>${perUser === 'one' ? 'one' : 'any number'}</small></h3>
    ${
      documents.length === 0
        ? html`<p class="none">Nothing on file</p>`
        : html`<ul>
            ${documents.map(documentItem)}
          </ul>`
    }
  </section>`
}

function documentItem({
  id,
  userId,
  documentType,
  fileName,
  mediaType,
  size,
  updatedAt,
}: DocumentOnFile): Html {
  const file = `/api/documents/${id}/file`
  const replace =
    documentTypes[documentType].perUser === 'one' ? `/api/users/${userId}/documents/${documentType}` : file
  return html` <li data-id="${id}">
    <span class="media" aria-hidden="true">${mediaTypes[mediaType].name}</span>
    <div class="file">
      <a href="${file}" download title="Download">${fileName}</a>
      <span>${mediaTypes[mediaType].name}, ${sizeText(size)}, ${timeText(updatedAt)}</span>
    </div>
    <div class="actions">
      <label class="button"
        >Replace<span class="visually-hidden"> ${fileName}</span>
        <input type="file" class="visually-hidden" data-replace="${replace}" accept="${accept}" />
      </label>
      <button type="button" data-remove="/api/documents/${id}" data-name="${fileName}">
        Remove<span class="visually-hidden"> ${fileName}</span>
      </button>
    </div>
    <p class="error" role="alert" hidden></p>
  </li>`
}

function uploadForm(user: User): Html {
  return html` <form id="upload" class="card" action="/api/users/${user.id}/documents?strict=1">
    <h2>Add a document</h2>
    <label for="type">Type</label>
    <select id="type" name="documentType" autocomplete="off">
      ${documentTypeCodes.map((type) => html`<option value="${type}">${documentTypes[type].name}</option>`)}
    </select>
    <label for="file">File</label>
    <input id="file" name="file" type="file" accept="${accept}" aria-describedby="file-hint" />
    <p id="file-hint" class="hint">PDF, JPEG or PNG, up to 10 MB</p>
    <p class="error" role="alert" hidden></p>
    <button class="primary">Upload</button>
  </form>`
}

function comparison(): Html {
  return html` <section class="comparison" aria-labelledby="comparison-title">
    <h2 id="comparison-title">64 at once</h2>
    <p>64 callers want the same thing at the same moment: one user's PAN card, made if there is none.</p>
    <div class="sides">
      <article class="card" id="right-way">
        <h3>With onerow</h3>
        <p>
          Your browser draws 64 different cards and uploads them all at once for one scratch user, each asking
          for the card on file, or else this one. It keeps six connections to a server, so six are in flight
          at a time; the tests of this service send 64 over 64.
        </p>
        <button type="button" class="primary">Upload 64 PAN cards</button>
        <div class="outcome" aria-live="polite"></div>
      </article>
      <article class="card" id="wrong-way">
        <h3>The wrong way</h3>
        <p>
          The same call with the check in application code: look, count, insert; and a table without the
          unique index. The server lets all 64 check before the first inserts. In production that order comes
          by chance; here it comes every time.
        </p>
        <button type="button">Run 64 callers</button>
        <div class="outcome" aria-live="polite"></div>
      </article>
    </div>
  </section>`
}

function removeDialog(): Html {
  return html` <dialog id="remove" aria-labelledby="remove-title">
    <form method="dialog">
      <h2 id="remove-title">Remove <span class="name"></span>?</h2>
      <p>The file is deleted. It cannot be brought back.</p>
      <menu>
        <button value="keep" autofocus>Keep it</button>
        <button value="remove" class="danger">Remove</button>
      </menu>
    </form>
  </dialog>`
}

const accept = Object.values(mediaTypes)
  .flatMap(({ extensions }) => extensions)
  .join()

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const kilobytes = bytes / 1024
  return kilobytes < 1024 ? `${Math.round(kilobytes)} kB` : `${(kilobytes / 1024).toFixed(1)} MB`
}

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
})

function timeText(time: Date): Html {
  return html`<time datetime="${time.toISOString()}">${timeFormat.format(time)} UTC</time>`
}
