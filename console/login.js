const told = document.querySelector("#told")
document.querySelector("#login").addEventListener("submit", async (event) => {
  event.preventDefault()
  const token = new FormData(event.target).get("token")
  const answer = await fetch("/login", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) })
  if (answer.ok) location.assign("/")
  else told.textContent = (await answer.json()).error
})
