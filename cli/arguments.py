"""What commands are typed with after their names, said once for all of them."""

from typing import Annotated

from cyclopts import Parameter

ContractId = Annotated[str, Parameter(help="Contract.")]
ContractVersion = Annotated[int | None, Parameter(help="Contract version; defaults to the one in force.")]
ProjectId = Annotated[str, Parameter(help="Project.")]
Tag = Annotated[str, Parameter(help="Asset tag.")]
VendorId = Annotated[str, Parameter(help="Vendor.")]
WaveName = Annotated[str, Parameter(help="Wave of the project.")]
WindowId = Annotated[str, Parameter(help="Name of the window.")]
