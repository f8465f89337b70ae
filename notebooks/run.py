"""Run notebooks side by side and say which cell fails, and why.

    python notebooks/run.py FOLDER NOTEBOOK...

Each notebook is saved in FOLDER with what its cells show, and itself stays as it
is. The packages are in requirements.txt.
"""

import asyncio
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


async def run(notebook, folder):
    """Run a notebook, save it in the folder and return whether all cells ran."""
    nb = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        nb,
        timeout=300,
        extra_arguments=["--colors=nocolor"],
        resources={"metadata": {"path": str(notebook.parent)}},
    )
    try:
        await client.async_execute(transport_encryption="auto")
    except CellExecutionError as error:
        failed = next(i for i, cell in enumerate(nb.cells) if any(out.output_type == "error" for out in cell.get("outputs", [])))
        print(f"{notebook.name}: cell {failed + 1} ({nb.cells[failed].id}) fails:\n{error}", file=sys.stderr)
        return False
    finally:
        nbformat.write(nb, folder / notebook.name)
    print(f"{notebook.name}: all cells ran")
    return True


async def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    ran = await asyncio.gather(*(run(Path(name), folder) for name in sys.argv[2:]))
    sys.exit(0 if all(ran) else 1)


asyncio.run(main())
