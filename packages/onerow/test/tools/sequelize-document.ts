import { uniqueKey } from 'onerow'
import { sequelizeTable } from 'onerow/sequelize'
import { DataTypes, Model } from 'sequelize'
import type {
  CreationOptional,
  InferAttributes,
  InferCreationAttributes,
  NonAttribute,
  Sequelize,
} from 'sequelize'

/** A model as Sequelize's manual writes them: renamed columns, timestamps, soft delete, values that Sequelize makes. */
export class Document extends Model<InferAttributes<Document>, InferCreationAttributes<Document>> {
  declare id: CreationOptional<number>
  declare userId: number
  declare documentType: 'AADHAAR_CARD' | 'PAN_CARD' | 'SALARY_SLIP'
  declare file: string
  declare note: CreationOptional<string | null>
  declare state: CreationOptional<string>
  declare reference: CreationOptional<string>
  declare createdAt: CreationOptional<Date>
  declare updatedAt: CreationOptional<Date>
  declare deletedAt: CreationOptional<Date | null>

  get title(): NonAttribute<string> {
    return `${this.documentType} of ${this.userId}`
  }
}

/** The model, the key of its table, both of one Sequelize. */
export function defineDocument(sequelize: Sequelize) {
  class StoredDocument extends Document {}
  StoredDocument.init(
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.INTEGER, allowNull: false },
      documentType: { type: DataTypes.ENUM('AADHAAR_CARD', 'PAN_CARD', 'SALARY_SLIP'), allowNull: false },
      file: { type: DataTypes.STRING, allowNull: false },
      note: DataTypes.TEXT,
      state: { type: DataTypes.STRING, allowNull: false, defaultValue: () => 'new' },
      reference: { type: DataTypes.UUID, allowNull: false, defaultValue: DataTypes.UUIDV4 },
      createdAt: DataTypes.DATE(3),
      updatedAt: DataTypes.DATE(3),
      deletedAt: DataTypes.DATE(3),
    },
    { sequelize, modelName: 'document', tableName: 'document', underscored: true, paranoid: true },
  )
  const identityCard = uniqueKey(sequelizeTable(StoredDocument), ['userId', 'documentType'], {
    name: 'unique_user_unique_document_type',
    condition: { documentType: ['AADHAAR_CARD', 'PAN_CARD'], deletedAt: null },
    message: 'This user already has a document of this type.',
  })
  return { Document: StoredDocument, identityCard }
}
