// Sends the page's forms to the JSON interface, shows its refusals where they belong, and renews what is on file.

const status = document.querySelector('#status')
const fileLimit = Number(document.body.dataset.fileLimit)

/** Sends a request. Answers the response, or throws an Error with words for the user. */
async function send(url, options) {
  let response
  try {
    response = await fetch(url, options)
  } catch {
    throw new Error('The service did not answer. Is it still running?')
  }
  if (response.ok) return response
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  const problem = isProblem ? await response.json() : {}
  throw new Error(problem.detail ?? problem.title ?? `The service answered ${response.status}.`)
}

/** Runs an action with its controls disabled, and shows what goes wrong in the `.error` inside `place`. */
async function act(place, action) {
  const error = place.querySelector('.error')
  const controls = [...place.querySelectorAll('button, input, select')].filter(({ disabled }) => !disabled)
  if (error) error.hidden = true
  for (const control of controls) control.disabled = true
  place.setAttribute('aria-busy', 'true')
  try {
    await action()
  } catch (reason) {
    if (error) {
      error.textContent = reason.message
      error.hidden = false
    }
  } finally {
    for (const control of controls) control.disabled = false
    place.removeAttribute('aria-busy')
  }
}

function formWith(file, fields = {}) {
  // Refused here too: a server that answers before it has read everything may not be heard.
  if (file.size > fileLimit) throw new Error('The file is larger than 10 MB.')
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', file, file.name)
  return form
}

async function renewOnFile(message) {
  const response = await send(location.href)
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  document.querySelector('#on-file')?.replaceWith(page.querySelector('#on-file'))
  localiseTimes()
  status.textContent = message
}

function localiseTimes() {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  for (const time of document.querySelectorAll('time'))
    time.textContent = format.format(new Date(time.dateTime))
}

document.querySelector('#user').addEventListener('change', (event) => event.target.form.requestSubmit())

document.querySelector('#add-user').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target
  const name = form.elements.name.value
  void act(form, async () => {
    const user = await addUser(name)
    location.href = `/?user=${user.id}`
  })
})

async function addUser(name) {
  const response = await send('/api/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  return response.json()
}

document.querySelector('#upload')?.addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target
  const documentType = form.elements.documentType.value
  const [file] = form.elements.file.files
  void act(form, async () => {
    if (!file) throw new Error('Choose a file first.')
    await send(form.action, { method: 'POST', body: formWith(file, { documentType }) })
    form.elements.file.value = ''
    await renewOnFile(`${file.name} is on file.`)
  })
})

document.addEventListener('change', (event) => {
  const url = event.target.dataset?.replace
  const [file] = event.target.files ?? []
  if (!url || !file) return
  void act(event.target.closest('li'), async () => {
    try {
      await send(url, { method: 'PUT', body: formWith(file) })
    } finally {
      event.target.value = ''
    }
    await renewOnFile(`Replaced by ${file.name}.`)
    document.querySelector('#on-file-title').focus()
  })
})

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-remove]')
  if (!button || !(await confirmRemoval(button.dataset.name))) return
  void act(button.closest('li'), async () => {
    await send(button.dataset.remove, { method: 'DELETE' })
    await renewOnFile(`${button.dataset.name} was removed.`)
    document.querySelector('#on-file-title').focus()
  })
})

function confirmRemoval(name) {
  const dialog = document.querySelector('#remove')
  dialog.querySelector('.name').textContent = name
  dialog.returnValue = 'keep'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'remove'), { once: true })
  })
}

// 64 at once, with onerow

const callers = 64

run('#right-way', async (outcome) => {
  const user = await addUser('Scratch user (64 at once)')
  await removeCards(user)
  const cards = await Promise.all(Array.from({ length: callers }, (_, index) => drawCard(index + 1)))
  const answers = await Promise.allSettled(
    cards.map(async (card) => {
      const form = formWith(card, { documentType: 'PAN_CARD' })
      const response = await send(`/api/users/${user.id}/documents`, { method: 'POST', body: form })
      return { created: response.status === 201, card: await response.json() }
    }),
  )
  const winner = answers.find(({ value }) => value?.created)?.value.card
  const kinds = answers.map(({ value }) =>
    value?.created ? 'created' : value && value.card.id === winner?.id ? 'given' : 'failed',
  )
  const { documents } = await (await send(`/api/users/${user.id}/documents`)).json()
  showOutcome(outcome, kinds, [
    [count(kinds, 'created'), 'created the card', count(kinds, 'created') === 1 ? 'good' : 'bad'],
    [count(kinds, 'given'), 'were given that card', 'plain'],
    [count(kinds, 'failed'), 'errors', count(kinds, 'failed') === 0 ? 'plain' : 'bad'],
    [
      documents.length,
      documents.length === 1 ? 'PAN card on file' : 'PAN cards on file',
      documents.length === 1 ? 'good' : 'bad',
    ],
  ])
  if (winner) outcome.append(winnerPicture(winner))
  if (document.querySelector('#on-file')) await renewOnFile('64 uploads are answered.')
})

async function removeCards(user) {
  const { documents } = await (await send(`/api/users/${user.id}/documents`)).json()
  for (const { id } of documents) await send(`/api/documents/${id}`, { method: 'DELETE' })
}

/** A PNG of its own for each caller, so that the file on record tells who won. */
async function drawCard(number) {
  const canvas = document.createElement('canvas')
  canvas.width = 320
  canvas.height = 200
  const context = canvas.getContext('2d')
  context.fillStyle = `hsl(${(number * 360) / callers} 45% 82%)`
  context.fillRect(0, 0, 320, 200)
  context.fillStyle = '#1c2b2a'
  context.font = '600 18px system-ui, sans-serif'
  context.fillText('PAN CARD (sample)', 20, 40)
  context.font = '700 72px system-ui, sans-serif'
  context.fillText(String(number), 20, 130)
  context.font = '15px system-ui, sans-serif'
  context.fillText(`upload ${number} of ${callers}, ${crypto.randomUUID().slice(0, 8)}`, 20, 176)
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  return new File([blob], `pan-card-${number}.png`, { type: 'image/png' })
}

function winnerPicture({ id, userId, fileName }) {
  const figure = document.createElement('figure')
  const picture = new Image(160, 100)
  picture.src = `/api/documents/${id}/file`
  picture.alt = ''
  const caption = document.createElement('figcaption')
  const link = document.createElement('a')
  link.href = `/?user=${userId}`
  link.textContent = 'scratch user'
  caption.append(`On file for the `, link, `: ${fileName}`)
  figure.append(picture, caption)
  return figure
}

// 64 at once, the wrong way

run('#wrong-way', async (outcome) => {
  const result = await (await send('/api/wrong-way', { method: 'POST' })).json()
  const kinds = Array.from({ length: result.callers }, (_, index) =>
    index < result.created ? 'wrong' : 'given',
  )
  showOutcome(outcome, kinds, [
    [result.created, 'were told "created"', 'bad'],
    [result.cards, 'PAN cards for one user', 'bad'],
  ])
  outcome.append(quotation('Every later call fails, for ever:', result.laterCall))
  outcome.append(quotation('onerow on the same table refuses, and says what to do:', result.onerow))
})

function quotation(introduction, text) {
  const quoted = document.createElement('div')
  const pre = document.createElement('pre')
  pre.textContent = text
  quoted.append(introduction, pre)
  return quoted
}

function run(selector, action) {
  const place = document.querySelector(selector)
  const outcome = place.querySelector('.outcome')
  place.querySelector('button').addEventListener('click', () => {
    outcome.replaceChildren('Running …')
    void act(place, async () => {
      try {
        const fresh = document.createElement('div')
        await action(fresh)
        outcome.replaceChildren(fresh)
      } catch (error) {
        outcome.replaceChildren(
          Object.assign(document.createElement('p'), { className: 'error', textContent: error.message }),
        )
      }
    })
  })
}

function count(kinds, kind) {
  return kinds.filter((each) => each === kind).length
}

/** A square for each caller, and the numbers in words. */
function showOutcome(place, kinds, lines) {
  const squares = document.createElement('div')
  squares.className = 'squares'
  squares.setAttribute('aria-hidden', 'true')
  for (const kind of kinds) squares.append(Object.assign(document.createElement('i'), { className: kind }))
  const list = document.createElement('ul')
  list.className = 'numbers'
  for (const [number, words, kind] of lines) {
    const item = document.createElement('li')
    item.className = kind
    const strong = document.createElement('strong')
    strong.textContent = number
    item.append(strong, ` ${words}`)
    list.append(item)
  }
  place.append(squares, list)
}

localiseTimes()
