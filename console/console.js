// The live console. The server sends its whole state each second; only what has changed is written to the page, so that
// focus, selection and screen readers stay where they are.

const $ = (selector) => document.querySelector(selector)

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value)
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value)
  }
  made.append(...children)
  return made
}

const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text
}
const setClass = (node, name) => {
  if (node.className !== name) node.className = name
}

/** Keeps a list of elements like a list of items: made, changed in place, removed and ordered by key. */
const sync = (parent, items, keyOf, make, change) => {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]))
  let place = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    let child = known.get(key)
    known.delete(key)
    if (child === undefined) {
      child = make(item)
      child.dataset.key = key
    }
    if (child !== place) parent.insertBefore(child, place)
    else place = place.nextElementSibling
    change(child, item)
  }
  for (const child of known.values()) child.remove()
}

const age = (millis) => {
  const seconds = Math.max(0, Math.round(millis / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}
const time = (millis) => new Date(millis).toLocaleTimeString()

const tell = (words) => setText($("#told"), words)

const act = async (action) => {
  const answer = await fetch("/api/actions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(action) })
  const body = await answer.json()
  tell(body.done ?? body.error)
  return body
}

let me = { name: "", role: "view" }
let now = 0
let traceUrl = null

/** The trace by its beginning, linked where somebody has said where traces are looked at. */
const setTrace = (node, traceId) => {
  if (node.dataset.trace === String(traceId)) return
  node.dataset.trace = String(traceId)
  if (traceId === null) return node.replaceChildren()
  const short = element("code", {}, traceId.slice(0, 8))
  node.replaceChildren(traceUrl === null
    ? element("span", { title: traceId }, short)
    : element("a", { href: traceUrl.replaceAll("{traceId}", traceId), target: "_blank", rel: "noopener noreferrer", "aria-label": `trace ${traceId}` }, short))
}

// --- queues ----------------------------------------------------------------------------------------------------------

const history = new Map()
const historyLength = 600

const remember = (queue, waiting) => {
  const values = history.get(queue) ?? []
  values.push(waiting)
  if (values.length > historyLength) values.shift()
  history.set(queue, values)
  return values
}

const spark = (values) => {
  const most = Math.max(1, ...values)
  const step = 100 / Math.max(1, values.length - 1)
  return values.map((value, index) => `${index === 0 ? "M" : "L"}${(index * step).toFixed(1)} ${(24 - (value / most) * 22).toFixed(1)}`).join("")
}

const stateOf = (queue, controls, processes) => {
  if (controls.draining.includes(queue)) {
    const running = processes.flatMap(({ status }) => status?.pools ?? []).filter((pool) => pool.queue === queue).reduce((sum, pool) => sum + pool.running, 0)
    return running === 0 ? ["drained", "warn"] : ["draining", "warn"]
  }
  if (controls.paused.includes(queue)) return ["paused", "warn"]
  const pools = processes.flatMap(({ status }) => status?.pools ?? []).filter((pool) => pool.queue === queue)
  if (pools.length === 0) return ["no process runs it", "bad"]
  if (pools.some(({ trouble }) => trouble?.kind === "full")) return ["its server is full", "bad"]
  if (pools.some(({ state }) => state === "refused")) return ["its server refuses", "bad"]
  return pools.some(({ state }) => state === "waiting-for-server") ? ["waits for its server", "bad"] : ["taking", "good"]
}

const queueRow = ({ queue }) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("class", "spark")
  svg.setAttribute("viewBox", "0 0 100 26")
  svg.setAttribute("preserveAspectRatio", "none")
  svg.setAttribute("aria-hidden", "true")
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"))
  const jobs = element("input", { type: "number", min: "1", max: "64", "aria-label": `Jobs of ${queue} at once in each process` })
  jobs.addEventListener("change", () => void act({ _tag: "concurrency", queue, jobs: jobs.value === "" ? null : Number(jobs.value) }))
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("a", { href: `/queues/queue/${queue}` }, queue)),
    element("td"),
    ...["waiting", "active", "delayed", "failed"].map((name) => element("td", { class: "number", "data-count": name })),
    element("td", { class: "number", "data-oldest": true }),
    element("td", {}, svg),
    element("td", {}, jobs),
    element(
      "td",
      { class: "actions" },
      element("button", { type: "button", "data-pause": true, onclick: (event) => void act({ _tag: event.currentTarget.dataset.action, queue }) }),
      element("button", { type: "button", "data-drain": true, "aria-label": `drain ${queue}`, onclick: () => void act({ _tag: "drain", queue }) }, "drain")
    )
  )
}

const changeQueueRow = (row, { controls, processes, statistic }) => {
  const { queue } = statistic
  const [state, kind] = stateOf(queue, controls, processes)
  setText(row.children[1], state)
  setClass(row.children[1], kind)
  for (const cell of row.querySelectorAll("[data-count]")) setText(cell, String(statistic[cell.dataset.count]))
  setText(row.querySelector("[data-oldest]"), statistic.oldestAt === null ? "–" : age(now - statistic.oldestAt))
  row.querySelector("path").setAttribute("d", spark(remember(queue, statistic.waiting)))
  const input = row.querySelector("input")
  const size = controls.concurrency[queue] ?? processes.flatMap(({ status }) => status?.pools ?? []).find((pool) => pool.queue === queue)?.concurrency ?? ""
  if (document.activeElement !== input && input.value !== String(size)) input.value = String(size)
  const halted = controls.paused.includes(queue) || controls.draining.includes(queue)
  const pause = row.querySelector("[data-pause]")
  pause.dataset.action = halted ? "resume" : "pause"
  setText(pause, halted ? "resume" : "pause")
  pause.setAttribute("aria-label", `${halted ? "resume" : "pause"} ${queue}`)
  for (const control of [pause, row.querySelector("[data-drain]"), input]) control.disabled = me.role !== "operate"
}

// --- jobs ------------------------------------------------------------------------------------------------------------

const jobRow = () => element("tr", {}, ...Array.from({ length: 8 }, (_, index) => element("td", index === 3 || index === 5 ? { class: "number" } : {})))

const changeJobRow = (row, { job, process }) => {
  const cells = [job.queue, job.jobId, job.tenantId ?? "", String(job.attempt), job.step ?? "", age(now - job.since), process]
  for (const [index, text] of cells.entries()) setText(row.children[index], text)
  setTrace(row.children[7], job.traceId)
}

// --- what is outside --------------------------------------------------------------------------------------------------

const ago = (millis) => millis === null ? "–" : `${age(now - millis)} ago`
const ahead = (millis) => millis === null || millis <= now ? "" : `, again in ${age(millis - now)}`

const cellsOf = (count, numbers = []) => () => element("tr", {}, element("th", { scope: "row" }), ...Array.from({ length: count - 1 }, (_, index) => element("td", numbers.includes(index + 1) ? { class: "number" } : {})))
const setCells = (row, texts) => {
  for (const [index, text] of texts.entries()) setText(row.children[index], text)
}

const limitWords = { rate: "its rate is used up", concurrency: "all its places are taken", pause: "it asked for a pause" }

const serviceState = ({ answeredAt, circuit, circuitUntil, failedAt, limit, limitedUntil }) => {
  if (circuit === "open") return [`down: nothing is asked${ahead(circuitUntil)}`, "bad"]
  if (circuit === "half-open") return ["one call finds out whether it is back", "warn"]
  if (limitedUntil !== null && limitedUntil > now) return [`held back: ${limitWords[limit] ?? limit}${ahead(limitedUntil)}`, "warn"]
  if (answeredAt === null && failedAt === null) return ["not asked yet", "quiet"]
  return (failedAt ?? 0) > (answeredAt ?? 0) ? ["its last call failed", "bad"] : ["answers", "good"]
}

const changeServiceRow = (row, service) => {
  const [state, kind] = serviceState(service)
  setCells(row, [service.name, state, String(service.running), ago(service.answeredAt), service.failedAt === null ? "none" : `${ago(service.failedAt)}: ${service.failure}`])
  setClass(row.children[1], kind)
}

const changeEndpointRow = (row, { circuit, circuitUntil, failures, host, reason, since, state, tenantId, until, webhookId }) => {
  const words = circuit === "open" ? `${state}, nothing is sent${ahead(circuitUntil)}` : `${state}${ahead(until)}`
  setCells(row, [tenantId, webhookId, host, words, since === null ? "" : ago(since), String(failures), reason ?? ""])
  setClass(row.children[3], state === "disabled" ? "bad" : "warn")
}

const changeMailboxRow = (row, { host, mailboxId, reason, since, state, tenantId, until }) => {
  setCells(row, [tenantId, mailboxId, host, state, since === null ? "" : ago(since), state === "paused" ? "when its settings change" : until === null ? "with the next sync" : `in ${age(until - now)}`, reason ?? ""])
  setClass(row.children[3], state === "paused" ? "bad" : "warn")
}

const showOutside = ({ endpoints, mailboxes, services }) => {
  sync($("#services"), services, ({ name }) => name, cellsOf(5, [2]), changeServiceRow)
  sync($("#endpoints"), endpoints, ({ tenantId, webhookId }) => `${tenantId} ${webhookId}`, cellsOf(7, [5]), changeEndpointRow)
  sync($("#mailboxes"), mailboxes, ({ mailboxId, tenantId }) => `${tenantId} ${mailboxId}`, cellsOf(7), changeMailboxRow)
  for (const [name, list] of [["endpoints", endpoints], ["mailboxes", mailboxes]]) {
    $(`#${name}-table`).hidden = list.length === 0
    $(`#no-${name}`).hidden = list.length > 0
  }
}

// --- one job -----------------------------------------------------------------------------------------------------------

let job = null

const showJob = (found) => {
  job = found
  $("#job").hidden = found === null
  if (found === null) return
  const { addedAt, attempts, data, finishedAt, id, queue, reason, result, state, traceId } = found
  const facts = [["queue", queue], ["job", id], ["state", state], ["added", new Date(addedAt).toLocaleString()], ["ended", finishedAt === null ? "–" : new Date(finishedAt).toLocaleString()],
    ["attempts", String(attempts)], ["reason", reason ?? "–"], ["result", result === null ? "–" : Object.entries(result).map(([name, value]) => `${name} ${value}`).join(", ")], ["trace", ""], ["data", JSON.stringify(data)]]
  $("#job-facts").replaceChildren(...facts.flatMap(([name, value]) => {
    const told = element("dd", {}, value)
    if (name === "trace") setTrace(told, traceId)
    return [element("dt", {}, name), told]
  }))
  $("#job-retry").disabled = me.role !== "operate" || state !== "failed"
  $("#job-reveal").disabled = me.role !== "operate"
}

const look = async (queue, jobId) => {
  const answer = await fetch(`/api/jobs/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}`)
  const { error, job: found } = await answer.json()
  tell(error ?? `Job ${jobId} of ${queue} is ${found.state}.`)
  showJob(found === undefined ? null : { ...found, queue })
  return found !== undefined
}

// --- processes -------------------------------------------------------------------------------------------------------

const kinds = { running: "good", starting: "warn", "backing-off": "bad", stopping: "warn", stopped: "warn", failed: "bad" }

const treeItem = () => element("li", {}, element("span"), " ", element("span"), " ", element("span", { class: "quiet" }), element("ul"))

const changeTreeItem = (item, node) => {
  const [name, state, rest, children] = item.children
  setText(name, node.name)
  setText(state, node.state)
  setClass(state, kinds[node.state] ?? "")
  const parts = [
    node.strategy,
    node.restarts === 0 ? null : `restarted ${node.restarts} ${node.restarts === 1 ? "time" : "times"}`,
    node.nextStart === null ? null : `again in ${age(node.nextStart - now)}`,
    node.lastFailure
  ].filter((part) => part !== null)
  setText(rest, parts.join(" · "))
  sync(children, node.children, ({ path }) => path, treeItem, changeTreeItem)
}

const processBox = () => element("article", { class: "process" }, element("h3"), element("p", { class: "quiet" }), element("ul", { class: "tree" }))

const changeProcessBox = (box, { name, silentSeconds, status, version }) => {
  const [heading, line, tree] = box.children
  setText(heading, name)
  const ready = status === null ? "has told nothing yet" : status.ready ? "ready" : "not ready"
  setText(line, `version ${version} · ${ready}${silentSeconds > 5 ? ` · silent for ${Math.round(silentSeconds)} s` : ""}`)
  sync(tree, status === null ? [] : [status.tree], ({ path }) => path, treeItem, changeTreeItem)
}

// --- lines -----------------------------------------------------------------------------------------------------------

const actionWords = ({ action, queue, tenantId, value }) => {
  const whose = tenantId === null ? "" : ` of tenant ${tenantId}`
  const words = {
    Pause: `paused ${queue}`,
    Drain: `let ${queue} run empty`,
    Resume: `resumed ${queue}`,
    SetConcurrency: `set ${queue} to ${value} at once`,
    PauseTenant: `paused ${queue ?? "all queues"}${whose}`,
    ResumeTenant: `resumed ${queue ?? "all queues"}${whose}`,
    Reprocess: `had invoice ${value}${whose} read again`,
    RetryJob: `had job ${value} of ${queue} tried again`,
    PromoteJob: `had job ${value} of ${queue} start at once`,
    RevealJob: `looked at the data of job ${value} of ${queue}`,
    Replay: `had delivery ${value}${whose} sent again`,
    EraseTenant: `erased tenant ${value ?? tenantId}`,
    TakeOverQueue: `took over what an older BullMQ left in ${queue}`
  }
  return words[action] ?? action
}

const line = () => element("li")

const troubleWords = { fail: "failed for good", retry: "tried again", postpone: "put off" }

const troubleLine = ({ jobId, outcome, queue }) =>
  element("li", {}, element("span"), " ", element("span"), " ",
    element("button", { type: "button", "aria-label": `look at job ${jobId} of ${queue}`, onclick: async () => {
      if (await look(queue, jobId)) $("#job").scrollIntoView({ block: "nearest" })
    } }, "look"), ...(outcome === "fail" ? [" ",
      element("button", { type: "button", "data-retry": true, "aria-label": `try again: job ${jobId} of ${queue}`, onclick: () => void act({ _tag: "retry", queue, jobId }) }, "try again")] : []))

const changeTroubleLine = (item, { at, jobId, outcome, queue, reason, times, traceId }) => {
  setText(item.children[0], `${time(at)} ${queue} job ${jobId}, ${troubleWords[outcome]}${times > 1 ? `, ${times} times` : ""}: ${reason}`)
  setTrace(item.children[1], traceId)
  const retry = item.querySelector("[data-retry]")
  if (retry !== null) retry.disabled = me.role !== "operate"
}

// --- the page --------------------------------------------------------------------------------------------------------

const show = (state) => {
  if (state.error !== undefined) {
    setText($("#connection"), state.error)
    setClass($("#connection"), "bad")
    return
  }
  now = state.now
  me = state.me
  traceUrl = state.traceUrl
  const { controls, processes } = state
  setText($("#connection"), `${processes.length} ${processes.length === 1 ? "process" : "processes"} · ${time(now)}`)
  setClass($("#connection"), processes.every(({ status }) => status?.ready) ? "good" : "warn")
  setText($("#me"), me.role === "operate" ? me.name : `${me.name} (may look)`)
  $("#logout").hidden = me.name === "local"

  sync($("#queues"), state.queues.map((statistic) => ({ statistic, controls, processes })), ({ statistic }) => statistic.queue, ({ statistic }) => queueRow(statistic), changeQueueRow)

  const jobs = processes.flatMap(({ name, status }) => (status?.jobs ?? []).map((job) => ({ job, process: name }))).slice(0, 200)
  sync($("#jobs"), jobs, ({ job }) => `${job.queue} ${job.jobId} ${job.since}`, jobRow, changeJobRow)
  $("#no-jobs").hidden = jobs.length > 0

  sync($("#processes"), processes, ({ id }) => id, processBox, changeProcessBox)

  showOutside(state.outside)
  for (const select of document.querySelectorAll("select[name=queue]")) {
    sync(select, state.queues, ({ queue }) => queue, ({ queue }) => element("option", { value: queue }, queue), () => {})
  }
  for (const control of document.querySelectorAll("#reprocess button, #replay button, #retry-all button")) control.disabled = me.role !== "operate"

  const troubles = processes.flatMap(({ status }) => status?.troubles ?? []).sort((a, b) => b.at - a.at).slice(0, 30)
  sync($("#troubles"), troubles, ({ jobId, outcome, queue, ...trouble }) => `${trouble.at} ${queue} ${jobId} ${outcome}`, troubleLine, changeTroubleLine)
  $("#no-troubles").hidden = troubles.length > 0

  sync($("#history"), state.history, ({ action, at, by, queue, tenantId, value }) => [at, by, action, queue, tenantId, value].join(" "), line, (item, record) =>
    setText(item, `${new Date(record.at).toLocaleString()} ${record.by} ${actionWords(record)}`))
  $("#no-history").hidden = state.history.length > 0
}

$("#reprocess").addEventListener("submit", (event) => {
  event.preventDefault()
  const form = new FormData(event.target)
  void act({ _tag: "reprocess", tenantId: form.get("tenantId"), invoiceId: form.get("invoiceId") })
})
$("#replay").addEventListener("submit", (event) => {
  event.preventDefault()
  const form = new FormData(event.target)
  void act({ _tag: "replay", tenantId: form.get("tenantId"), deliveryId: form.get("deliveryId") })
})
$("#retry-all").addEventListener("submit", (event) => {
  event.preventDefault()
  void act({ _tag: "retry", queue: new FormData(event.target).get("queue"), jobId: null })
})
$("#look").addEventListener("submit", (event) => {
  event.preventDefault()
  const form = new FormData(event.target)
  void look(form.get("queue"), form.get("jobId"))
})
$("#job-retry").addEventListener("click", async () => {
  const { id, queue } = job
  await act({ _tag: "retry", queue, jobId: id })
})
$("#job-reveal").addEventListener("click", async () => {
  const { queue } = job
  const { job: found } = await act({ _tag: "reveal", queue, jobId: job.id })
  if (found !== undefined) showJob({ ...found, queue })
})
$("#logout").addEventListener("click", async () => {
  await fetch("/logout", { method: "POST" })
  location.assign("/login")
})

/** A session that has ended is begun anew at the log-in. */
const connectAgain = async () => {
  const answer = await fetch("/api/state").catch(() => null)
  if (answer?.status === 401) location.assign("/login")
  else connect()
}

const connect = () => {
  const stream = new EventSource("/api/stream")
  stream.addEventListener("state", (event) => show(JSON.parse(event.data)))
  stream.addEventListener("error", () => {
    setText($("#connection"), "the worker does not answer; trying again")
    setClass($("#connection"), "bad")
    // The browser tries again by itself, unless it was refused.
    if (stream.readyState === EventSource.CLOSED) setTimeout(connectAgain, 2000)
  })
}
connect()
