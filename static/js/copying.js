// Copy buttons: data-copies names the element whose text goes to the clipboard.
export function enhanceCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copies);
    const text = source.value ?? source.textContent;
    const done = await navigator.clipboard.writeText(text).then(() => true, () => false);
    const word = done ? button.dataset.doneText : button.dataset.failedText;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: word, tone: done ? "good" : "bad" } }));
  });
}
