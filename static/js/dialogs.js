// A link to #id with data-opens shows <dialog id>. Without script the same link shows it through :target.
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

export function enhanceDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      openDialog(opener.dataset.opens);
      return;
    }
    const dialog = event.target.closest("dialog[open]");
    if (!dialog) return;
    // The dialog itself is hit only where its backdrop is: its content covers the rest.
    if (event.target.closest("[data-closes]") || event.target === dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
}
